"""Files and folders for the time of one piece of work, and the removal of those that a kill left behind.

Whoever works on one holds a lock on it, which ends with the process, however that ends. So what nobody has
locked is abandoned, also in folders that several machines share.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".fastst-"
# Between being made and being locked.
_YOUNG_SECONDS = 60.0
_swept: set[str] = set()


@contextmanager
def temporary_file(folder: Path, *, suffix: str, is_private: bool = False) -> Iterator[Path]:
    """Yield an empty file of a new name in ``folder``, which is gone after the block unless it was renamed.

    Args:
        folder: where.
        suffix: that the name ends with.
        is_private: whether nobody else may read it, rather than those who may read any new file.

    Raises:
        OSError: if it cannot be made.
    """
    _sweep_once(folder)
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}{suffix}"
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600 if is_private else 0o666)
    try:
        _lock(handle)
        yield path
    finally:
        os.close(handle)
        path.unlink(missing_ok=True)


@contextmanager
def temporary_folder(folder: Path) -> Iterator[Path]:
    """Yield an empty folder of a new name in ``folder``, which is gone after the block with all in it.

    Raises:
        OSError: if it cannot be made.
    """
    _sweep_once(folder)
    path = folder / f"{_PREFIX}{secrets.token_hex(8)}"
    path.mkdir(mode=0o700)
    handle = _open_to_lock(path)
    try:
        if handle is not None:
            _lock(handle)
        yield path
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left in ``folder``; what cannot be removed stays without a word."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name.startswith(_PREFIX):
                _remove_if_abandoned(path)


def _sweep_once(folder: Path) -> None:
    real = os.path.realpath(folder)
    if real not in _swept:
        _swept.add(real)
        remove_abandoned(folder)


def _remove_if_abandoned(path: Path) -> None:
    with suppress(OSError):
        if path.is_symlink() or time.time() - path.stat().st_mtime < _YOUNG_SECONDS:
            return
        handle = _open_to_lock(path)
        if handle is None:
            return
        try:
            if _lock(handle):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        finally:
            os.close(handle)


def _open_to_lock(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:  # Windows opens no folders
        return None


def _lock(handle: int) -> bool:
    """Lock an open file or folder for as long as it is open; False if another has, or nobody can."""
    try:
        import fcntl
    except ImportError:  # Windows; there, what is left stays
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
