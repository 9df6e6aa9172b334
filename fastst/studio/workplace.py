"""What all tabs of a studio share: settings, a folder for files of passing use, plain words for errors."""

import functools
import hashlib
import io
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import gradio as gr
from PIL import Image

from fastst.errors import FaststError
from fastst.studio.settings import StudioSettings

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
# Pictures that were shown, some tens of kilobytes each.
_MOST_KEPT = 500
_KEPT_SECONDS = 24 * 3600

# For events that are over in a moment, and are no part of an API for programs.
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class Workplace:
    """Where a studio works.

    Attributes:
        settings: of the studio.
        folder: for files that go when the studio is closed; uploads lie there too.
        closing: what is to be done then.
        kept: the files for the page to show, the newest last.
    """

    settings: StudioSettings
    folder: Path
    closing: ExitStack = field(default_factory=ExitStack)
    kept: dict[Path, None] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def keep(self, image: Image.Image, *, quality: int) -> str:
        """Write a picture for the page to show, under a name that the same picture always gets."""
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=quality)
        return self.keep_bytes(encoded.getvalue(), suffix=".jpg")

    def keep_bytes(self, content: bytes, *, suffix: str) -> str:
        """Write a file for the page to show, under a name that the same content always gets.

        The oldest of very many are removed.
        """
        file = self.folder / f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"
        with self._turn:
            if file not in self.kept or not file.exists():
                file.write_bytes(content)
            self.kept.pop(file, None)
            self.kept[file] = None
            for old in list(self.kept)[:-_MOST_KEPT]:
                del self.kept[old]
                old.unlink(missing_ok=True)
        return str(file)

    def new_folder(self) -> Path:
        """Make a folder for one result; those of past days, and uploads of then, are removed."""
        for old in self.folder.iterdir():
            # Hidden ones belong to work that goes on.
            if not old.name.startswith(".") and time.time() - old.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
        folder = self.folder / secrets.token_hex(8)
        folder.mkdir()
        return folder

    def plainly(self, action: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        """Return the action of a button, with its errors shown on the page as one plain line."""

        @functools.wraps(action)
        def act(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
            with self.plain_errors():
                return action(*arguments, **options)

        return act

    @contextmanager
    def plain_errors(self) -> Iterator[None]:
        """Show errors of the block on the page as one plain line."""
        try:
            yield
        except FaststError as error:
            raise gr.Error(self.without_folders(str(error)), print_exception=False) from error

    def without_folders(self, message: str) -> str:
        """Return a message with the plain names of uploaded files in place of where they lie here."""
        return re.sub(rf"{re.escape(str(self.folder))}/(?:[^/\s]+/)*", "", message)
