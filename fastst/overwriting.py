"""Outputs that would overwrite what they are made from."""

from collections.abc import Iterable
from pathlib import Path

from fastst.errors import UsageError
from fastst.paths import StrPath


def refuse_overwriting(outputs: Iterable[StrPath], inputs: Iterable[StrPath]) -> None:
    """Refuse outputs that are files which are read, under whatever name or link.

    Raises:
        UsageError: naming the first such output.
    """
    read = {_identity(path) for path in inputs} - {None}
    for output in outputs:
        if _identity(output) in read:
            raise UsageError(f"{output}: the output would overwrite the input; choose another -o")


def _identity(path: StrPath) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
