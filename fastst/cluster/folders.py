"""Folders of pictures wherever they are: on a disk, or at an address that fsspec knows, such as s3://."""

import os
import posixpath
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from fastst.errors import FaststError, UsageError
from fastst.files import expanded
from fastst.images.finding import is_folder, is_picture_name, pictures_under
from fastst.temporaries import temporary_folder

_ON_DISK = ("file", "local")
# What is put into these appears whole, under its name, or not at all; and they have no folders to be made.
_OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "oci", "hf"))
_PARTIAL = ".fastst-"

OnUnlisted = Callable[[str, FaststError], None]


class Folder:
    """A folder, known by its address; it can be sent to another process, and opens its place only there.

    Args:
        address: a path, or an address such as s3://bucket/photos, gs://..., hf://datasets/owner/name or
            file:///photos.
    """

    def __init__(self, address: str) -> None:
        protocol, separator, rest = address.partition("://")
        if separator and protocol in _ON_DISK:
            address, separator = rest, ""
        self.is_local = not separator
        self.address = str(expanded(address)) if self.is_local else address.rstrip("/")
        self._protocol = protocol if separator else "file"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_opened")}

    def beside(self, style: str) -> "Folder":
        """Return the folder for its copies: ``photos.starry-night`` for ``photos``."""
        address = os.path.realpath(self.address) if self.is_local else self.address
        return Folder(f"{address}.{style.replace(':', '-')}")

    def of(self, name: str) -> str:
        """Return the address of what lies in it under a name such as ``deep/a.jpg``."""
        return (
            str(Path(self.address, name)) if self.is_local else posixpath.join(self.address, name).rstrip("/")
        )

    def check_is_there(self) -> None:
        """Refuse what is no folder.

        Raises:
            UsageError: if it is none.
            FaststError: if the place does not answer.
        """
        if self.is_local:
            there = is_folder(Path(self.address))
        else:
            with self._naming("cannot be looked at"):
                there = self._opened_place[0].isdir(self._opened_place[1])
        if not there:
            raise UsageError(f"{self.address}: no such folder; name a folder of photos, or an address of one")

    def pictures(self, *, without: "Folder", on_unlisted: OnUnlisted) -> Iterator[tuple[str, list[str]]]:
        """Yield the pictures at any depth, a folder at a time: its name in this one, "" for itself,
        and its files, sorted.

        Args:
            without: a folder that is left out, if it lies in this one.
            on_unlisted: called with a folder on a disk that cannot be listed, and why.

        Raises:
            FaststError: if an address cannot be listed.
        """
        for folder, names in self._walked(on_unlisted):
            if not without.holds(self.of(folder)):
                yield folder, names

    def holds(self, address: str) -> bool:
        """Whether that is this folder or lies in it."""
        if self.is_local:
            return Path(os.path.realpath(address)).is_relative_to(os.path.realpath(self.address))
        return f"{address}/".startswith(f"{self.address}/")

    def names(self, folder: str) -> set[str]:
        """Return what lies in a folder of that name in this one; nothing if there is no such folder.

        Raises:
            FaststError: if it cannot be listed.
        """
        with self._naming("cannot be listed"):
            try:
                if self.is_local:
                    return {file.name for file in Path(self.of(folder)).iterdir()}
                paths = self._opened_place[0].ls(self._inside(folder), detail=False)
                return {posixpath.basename(path) for path in paths}
            except FileNotFoundError:
                return set()

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """Yield a file on this machine's disk with what lies there under the name.

        Raises:
            FaststError: if it cannot be fetched.
        """
        if self.is_local:
            yield Path(self.of(name))
            return
        with temporary_folder(Path(tempfile.gettempdir())) as here:
            file = here / posixpath.basename(name)
            with self._naming("cannot be fetched", name):
                self._opened_place[0].get_file(self._inside(name), str(file))
            yield file

    @contextmanager
    def stored(self, name: str) -> Iterator[Path]:
        """Yield where to write a file, which is there whole, under the name, when the block has succeeded.

        Raises:
            FaststError: if it cannot be stored.
        """
        if self.is_local:
            yield Path(self.of(name))
            return
        with temporary_folder(Path(tempfile.gettempdir())) as here:
            file = here / posixpath.basename(name)
            yield file
            with self._naming("cannot be written", name):
                self._put(file, self._inside(name))

    def remove(self, name: str) -> None:
        """Remove a file; nothing happens if it is not there."""
        with self._naming("cannot be removed", name):
            if self.is_local:
                Path(self.of(name)).unlink(missing_ok=True)
            elif self._opened_place[0].exists(self._inside(name)):
                self._opened_place[0].rm_file(self._inside(name))

    @cached_property
    def _opened_place(self) -> tuple[Any, str]:
        """The file system, and the folder's path in it."""
        from fsspec.core import url_to_fs

        try:
            # What others write meanwhile has to be seen, and a million names are not to be kept.
            place, root = url_to_fs(self.address, use_listings_cache=False, skip_instance_cache=True)
        except ImportError as error:
            raise UsageError(f"{self.address}: {error}") from error
        except ValueError as error:
            raise UsageError(
                f"{self.address}: such addresses are not known; give s3://, gs://, hf://, file:// or a folder"
            ) from error
        return place, root.rstrip("/")

    def _inside(self, name: str) -> str:
        return posixpath.join(self._opened_place[1], name).rstrip("/")

    def _walked(self, on_unlisted: OnUnlisted) -> Iterator[tuple[str, list[str]]]:
        if self.is_local:
            root = Path(self.address)
            found = pictures_under(root, lambda folder, error: on_unlisted(str(folder), error))
            for parent, files in groupby(found, key=lambda file: file.parent):
                yield _name_in(root, parent), sorted(file.name for file in files)
            return
        place, root_path = self._opened_place
        with self._naming("cannot be listed"):
            for parent_path, folders, names in place.walk(root_path, on_error="raise"):
                folders[:] = [name for name in folders if not name.startswith(".")]
                pictures = sorted(name for name in names if is_picture_name(name))
                if pictures:
                    yield parent_path.rstrip("/")[len(root_path) :].strip("/"), pictures

    def _put(self, file: Path, path: str) -> None:
        place = self._opened_place[0]
        if self._protocol in _OBJECT_STORES:
            place.put_file(str(file), path)
            return
        parent, name = posixpath.split(path)
        place.makedirs(parent, exist_ok=True)
        partial = posixpath.join(parent, f"{_PARTIAL}{name}")
        place.put_file(str(file), partial)
        place.mv(partial, path)

    @contextmanager
    def _naming(self, what: str, name: str | None = None) -> Iterator[None]:
        """Turn whatever a place raises, each having exceptions of its own, into one line that names it."""
        try:
            yield
        except (FaststError, FileNotFoundError, GeneratorExit):
            raise
        except Exception as error:
            address = self.address if name is None else self.of(name)
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise FaststError(
                f"{address}: {what} ({reason}); check the address and what you may do there"
            ) from error


def _name_in(root: Path, folder: Path) -> str:
    name = folder.relative_to(root).as_posix()
    return "" if name == "." else name
