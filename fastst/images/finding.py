"""Which files are pictures: those named, and those in the folders named."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fastst.errors import FaststError
from fastst.files import StrPath

# HEIC is here so that a folder of phone photos says what it could not read.
_SUFFIXES_IN_FOLDERS = frozenset(
    f".{name}"
    for name in (
        "png",
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "webp",
        "tif",
        "tiff",
        "bmp",
        "gif",
        "avif",
        "heic",
        "heif",
        "ppm",
        "pgm",
        "pbm",
        "pnm",
        "tga",
        "jp2",
        "dib",
    )
)


def _raise(folder: Path, error: FaststError) -> None:
    raise error


def find_pictures(
    paths: Sequence[StrPath], *, on_unlisted: Callable[[Path, FaststError], None] = _raise
) -> list[tuple[Path, Path]]:
    """The picture files named by ``paths`` and those in the folders among them, at any depth.

    Files in folders come sorted and are taken by suffix; those in or under a name that starts
    with a dot are left out. Links to folders are followed, each folder once. Anything named that
    is not a folder is taken as it is, even if missing, so that reading it reports why it failed.

    Args:
        paths: files and folders.
        on_unlisted: called with a folder that cannot be listed and why; by default that is raised.

    Returns:
        Pairs of a file and its path relative to the argument it was found under.

    Raises:
        FaststError: if a folder cannot be listed, unless ``on_unlisted`` takes it.
    """
    found: list[tuple[Path, Path]] = []
    for path in map(Path, paths):
        if is_folder(path):
            found.extend((file, file.relative_to(path)) for file in sorted(pictures_under(path, on_unlisted)))
        else:
            found.append((path, Path(path.name)))
    return found


def is_picture_name(name: str) -> bool:
    """Whether a file of this name in a folder is taken for a picture."""
    return not name.startswith(".") and Path(name).suffix.lower() in _SUFFIXES_IN_FOLDERS


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder; False also where that cannot be known."""
    try:
        return path.is_dir()
    except OSError:
        return False


def pictures_under(folder: Path, on_unlisted: Callable[[Path, FaststError], None]) -> Iterator[Path]:
    """Yield the pictures in a folder at any depth, one folder after another; see ``find_pictures``."""

    def cannot_list(error: OSError) -> None:
        path = Path(error.filename)
        on_unlisted(path, FaststError(f"{path}: cannot be listed ({error.strerror}); check its permissions"))

    walked = {_identity(folder)}
    for parent, folders, files in os.walk(folder, onerror=cannot_list, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in list(folders):
            if (identity := _identity(Path(parent, name))) in walked:
                folders.remove(name)
            walked.add(identity)
        for name in files:
            if is_picture_name(name):
                yield Path(parent, name)


def _identity(folder: Path) -> tuple[int, int] | None:
    """What folders share that are one, under whatever link."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
