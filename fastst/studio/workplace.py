"""What all tabs of a studio share: settings, a folder for files of passing use, plain words for errors."""

import functools
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import gradio as gr
from PIL import Image

from fastst.errors import FaststError
from fastst.studio.settings import StudioSettings

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# For events that are over in a moment, and are no part of an API for programs.
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


@dataclass(frozen=True)
class Workplace:
    """Where a studio works.

    Attributes:
        settings: of the studio.
        folder: for files that go when the studio is closed; uploads lie there too.
        closing: what is to be done then.
    """

    settings: StudioSettings
    folder: Path
    closing: ExitStack = field(default_factory=ExitStack)

    def keep(self, image: Image.Image, *, quality: int) -> str:
        """Write a picture for the page to show, under a name that the same picture always gets."""
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=quality)
        return self.keep_bytes(encoded.getvalue(), suffix=".jpg")

    def keep_bytes(self, content: bytes, *, suffix: str) -> str:
        """Write a file for the page to show, under a name that the same content always gets."""
        file = self.folder / f"{hashlib.sha256(content).hexdigest()[:32]}{suffix}"
        if not file.exists():
            file.write_bytes(content)
        return str(file)

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
