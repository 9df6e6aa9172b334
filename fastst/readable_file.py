"""Open a file for reading, or say in one line why that cannot be."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fastst.errors import FaststError


@contextmanager
def readable_file(path: Path, *, if_folder: str) -> Iterator[BinaryIO]:
    """Yield the file at ``path``, open for reading.

    Args:
        path: of the file; one that is no plain file, such as a pipe, may be empty.
        if_folder: what to say of a folder there, such as "is a folder, not a picture; name a file in it".

    Raises:
        FaststError: if it is missing, a folder, empty or may not be read; also if the block fails to read it.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size == 0:
                raise FaststError(f"{path}: is empty (0 bytes); fetch or copy it again")
            yield file
    except FileNotFoundError as error:
        raise FaststError(f"{path}: no such file; check the name") from error
    except IsADirectoryError as error:
        raise FaststError(f"{path}: {if_folder}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FaststError(
            f"{path}: cannot be opened ({reason}); check the name and its permissions"
        ) from error
