"""Files: what is taken for a path, reading and writing them safely, the user's cache and styles."""

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from fastst.errors import FaststError, UsageError
from fastst.temporaries import temporary_file

StrPath = str | os.PathLike[str]


@contextmanager
def atomic_path(path: StrPath) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it over ``path`` when the block succeeds.

    The temporary name starts with a dot and keeps the suffix, since many writers pick the format
    by it. A kill leaves the old file or the new one, never half of either; what a killed process
    left is removed, see ``fastst.temporaries``. Missing parent folders are made. A file that is
    replaced leaves its permissions to the new one.

    Raises:
        FaststError: if the folder cannot be written or the disk is full.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode_of(path)
        with temporary_file(path.parent, suffix=path.suffix, is_private=mode is not None) as temporary:
            yield temporary
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FaststError(f"{path}: cannot be written ({reason}); choose another place with -o") from error


def _mode_of(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except (OSError, ValueError):
        return None


@contextmanager
def readable_file(path: Path, *, if_folder: str) -> Iterator[BinaryIO]:
    """Yield the file at ``path``, open for reading.

    Args:
        path: of the file.
        if_folder: what to say of a folder there, such as "is a folder, not a picture; name a file in it".

    Raises:
        FaststError: if it is missing, a folder, a pipe, a device, empty or may not be read; also if the block
            fails to read it.
    """
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            check_is_file(path, what="a plain file")
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
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


def check_is_file(path: Path, *, what: str) -> None:
    """Refuse what is no plain file, before it is opened: opening a named pipe would wait for ever.

    Args:
        path: what was named.
        what: that it should be, such as "a recipe".

    Raises:
        FaststError: if it is missing, a link to nothing, a folder, a pipe, a device or a socket.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        if path.is_symlink():
            raise FaststError(f"{path}: is a link to {path.readlink()}, which is not there") from error
        raise FaststError(f"{path}: no such file; check the name") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FaststError(
            f"{path}: cannot be opened ({reason}); check the name and its permissions"
        ) from error
    if not stat.S_ISREG(mode):
        raise FaststError(f"{path}: is {_kind(mode)}, not {what}; give a file")


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "no file")


def refuse_overwriting(outputs: Iterable[StrPath], inputs: Iterable[StrPath]) -> None:
    """Refuse outputs that are files which are read, under whatever name or link.

    Raises:
        UsageError: naming the first such output.
    """
    read = {_identity(path) for path in inputs} - {None}
    for output in outputs:
        if _identity(output) in read:
            raise UsageError(f"{output}: the output would overwrite the input; choose another -o")


def refuse_replacing(outputs: Iterable[StrPath], *, overwrite: bool) -> None:
    """Refuse outputs that are there already, unless they are to be replaced.

    Raises:
        UsageError: naming the first of them and saying how many more there are.
    """
    there = [] if overwrite else [output for output in outputs if os.path.lexists(output)]
    if there:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise UsageError(
            f"{os.fspath(there[0])}: is there already{more}; choose another -o, or give --overwrite "
            "to replace it"
        )


def refuse_standard_output(output: StrPath) -> None:
    """Refuse ``-``, which means standard output to other programs and would be a folder here.

    Raises:
        UsageError: if it is that.
    """
    if os.fspath(output) == "-":
        raise UsageError("-o -: nothing is written to standard output; name a file, or ./- for a folder")


def _identity(path: StrPath) -> tuple[int, int] | None:
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def expanded(path: StrPath) -> Path:
    """Return the path with ``~`` for the home folder; as it is where nobody has that home."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def cache_folder() -> Path:
    """``$FASTST_CACHE``, else ``fastst`` in ``$XDG_CACHE_HOME``, else ``~/.cache/fastst``.

    Raises:
        FaststError: if there is no home folder to look in.
    """
    return _users_folder("FASTST_CACHE", shared="XDG_CACHE_HOME", below_home=".cache", what="the cache")


def facts_digest(*facts: Any) -> str:
    """Return a short name for a cached file that is right for these facts alone, which JSON can hold."""
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def styles_folder() -> Path:
    """``$FASTST_STYLES``, else ``fastst/styles`` in ``$XDG_DATA_HOME``, else in ``~/.local/share``.

    It holds the user's own styles.

    Raises:
        FaststError: if there is no home folder to look in.
    """
    if own := os.environ.get("FASTST_STYLES"):
        return expanded(own)
    below = _users_folder(
        "FASTST_STYLES", shared="XDG_DATA_HOME", below_home=".local/share", what="own styles"
    )
    return below / "styles"


def _users_folder(variable: str, *, shared: str, below_home: str, what: str) -> Path:
    if own := os.environ.get(variable):
        return expanded(own)
    folder = Path(os.environ.get(shared, ""))
    # The XDG specification tells to ignore a relative path.
    if folder.is_absolute():
        return folder / "fastst"
    try:
        return Path.home() / below_home / "fastst"
    except RuntimeError as error:
        raise FaststError(f"this user has no home folder; set {variable} to a folder for {what}") from error
