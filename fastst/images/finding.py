"""Which files are pictures: those named, and those in the folders named."""

import os
from collections.abc import Iterator, Sequence
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
    )
)


def find_pictures(paths: Sequence[StrPath]) -> list[tuple[Path, Path]]:
    """The picture files named by ``paths`` and those in the folders among them, at any depth.

    Files in folders come sorted and are taken by suffix; those in or under a name that starts
    with a dot are left out. Anything named that is not a folder is taken as it is, even if
    missing, so that reading it reports why it failed.

    Returns:
        Pairs of a file and its path relative to the argument it was found under.

    Raises:
        FaststError: if a folder cannot be listed.
    """
    found: list[tuple[Path, Path]] = []
    for path in map(Path, paths):
        if is_folder(path):
            found.extend((file, file.relative_to(path)) for file in sorted(_pictures_under(path)))
        else:
            found.append((path, Path(path.name)))
    return found


def is_folder(path: Path) -> bool:
    """Whether ``path`` is a folder; False also where that cannot be known."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _pictures_under(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_cannot_list):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in _SUFFIXES_IN_FOLDERS:
                yield Path(parent, name)


def _cannot_list(error: OSError) -> None:
    raise FaststError(
        f"{error.filename}: cannot be listed ({error.strerror}); check its permissions"
    ) from error
