"""Photos stylized for the Photo tab: quick drafts while a slider moves, the true picture when it rests.

The true picture is what ``fastst stylize`` makes. Of a large photo a reduced copy is shown, and the file that
is saved has larger strokes in the same measure, so that it looks like what was shown.
"""

import math
import shlex
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from fastst.engines.hardware import multiplies_in_bf16
from fastst.errors import FaststError
from fastst.images import colors
from fastst.images.formats import can_write
from fastst.images.pictures import Picture, fit, fitted_size, read_picture
from fastst.images.tensors import to_image, to_tensor
from fastst.stylize.batch import stylize_files
from fastst.stylize.load import load
from fastst.stylize.options import StylizeOptions
from fastst.stylize.outputs import copy_beside
from fastst.stylize.stylizer import Stylizer, pick_device

# More than this a screen hardly shows, and the network would take seconds for it.
SHOWN_PIXELS = 1_050_000
THUMBNAIL_SIDE = 320
LARGEST_STROKES = 4.0
_LARGEST_STROKES_SAVED = 16.0


@dataclass(frozen=True)
class Wish:
    """How a photo is to be stylized.

    Attributes:
        photo: its file.
        style: a name, a checkpoint, or a mix.
        strength: 0 (the photo) to 1.
        keep_colors: keep the photo's colors.
        strokes: how many times larger they are than the style's own, on the picture that is shown.
    """

    photo: str
    style: str
    strength: float = 1.0
    keep_colors: bool = False
    strokes: float = 1.0


def mixed(first: str, second: str | None, share: float) -> str:
    """Write the mix of two styles, of which the second has a share of 0 to 1."""
    if not second or second == first or share <= 0:
        return first
    return second if share >= 1 else f"{first}:{1 - share:.2f}+{second}:{share:.2f}"


class PhotoPainter:
    """Stylizes photos, and keeps what may be asked for again: styles, photos, pictures at full strength."""

    def __init__(self) -> None:
        self._quick_engine = "torch-bf16" if multiplies_in_bf16(pick_device().type) else "torch"
        self._true_style = lru_cache(maxsize=8)(load)
        self._quick_style = lru_cache(maxsize=24)(self._load_quick)
        self._photo = lru_cache(maxsize=4)(_shown_photo)
        self._thumbnails = lru_cache(maxsize=200)(self._paint_small)
        self._stylized = lru_cache(maxsize=4)(self._paint)
        # One draft and one true picture at a time: more would only hold one another up.
        self._locks = {True: threading.Lock(), False: threading.Lock()}

    def photo(self, file: str) -> Image.Image:
        """Return the photo as it is shown.

        Raises:
            FaststError: if it is none.
        """
        return self._photo(file).rgb

    def picture(self, wish: Wish, *, quick: bool = False) -> Image.Image:
        """Return the stylized photo as it is shown.

        Args:
            wish: for it.
            quick: by the style's network for video, which is several times quicker and looks alike.

        Raises:
            FaststError: if the photo or the style cannot be read.
        """
        with self._locks[quick]:
            painted = self._stylized(wish.photo, wish.style, wish.strokes, quick)
        if wish.strength == 1 and not wish.keep_colors:
            return painted
        photo, stylized = to_tensor(self.photo(wish.photo)), to_tensor(painted)
        if wish.keep_colors:
            stylized = colors.keep_colors(stylized, photo)
        return to_image(torch.lerp(photo, stylized, wish.strength))

    def thumbnail(self, photo: str, style: str) -> Image.Image:
        """Return a small picture of the photo in a style, for the gallery.

        Raises:
            FaststError: if the photo or the style cannot be read.
        """
        return self._thumbnails(photo, style)

    def _paint_small(self, photo: str, style: str) -> Image.Image:
        small = fit(self.photo(photo), THUMBNAIL_SIDE)
        with self._locks[True]:
            return self._quick_style(style).stylize_picture(Picture(rgb=small)).rgb

    def options(self, wish: Wish) -> StylizeOptions:
        """Return what the file is stylized with, in the photo's own size, to look as it is shown."""
        strokes = min(wish.strokes * self._photo(wish.photo).reduced, _LARGEST_STROKES_SAVED)
        return StylizeOptions(
            strength=wish.strength, keep_colors=wish.keep_colors, stroke_size=round(strokes, 2)
        )

    def save(
        self,
        wish: Wish,
        folder: Path,
        *,
        name: str,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> Path:
        """Stylize the photo in its own size into a new file in ``folder``, and return the file.

        Args:
            wish: for it.
            folder: where.
            name: of the style, in the file's name.
            on_progress: called with the share that is done.

        Raises:
            FaststError: if that fails.
        """
        photo = Path(wish.photo)
        target = folder / (photo.name if can_write(photo) else f"{photo.stem}.png")
        target = copy_beside(target, name)
        errors: list[FaststError] = []

        def keep_error(_source: Path, result: Path | FaststError) -> None:
            if isinstance(result, FaststError):
                errors.append(result)

        with self._locks[False]:
            stylize_files(
                self._true_style(wish.style),
                [photo],
                target,
                options=self.options(wish),
                overwrite=True,
                on_result=keep_error,
                on_progress=lambda _source, share: on_progress(share),
            )
        if errors:
            raise errors[0]
        return target

    def command(self, wish: Wish) -> str:
        """Return the command line that makes the same file."""
        options = self.options(wish)
        words = ["fastst stylize", shlex.quote(Path(wish.photo).name), "-s", shlex.quote(wish.style)]
        words += [f"--strength {options.strength:g}"] if options.strength != 1 else []
        words += ["--keep-colors"] if options.keep_colors else []
        words += [f"--stroke-size {options.stroke_size:g}"] if options.stroke_size != 1 else []
        return " ".join(words)

    def _paint(self, photo: str, style: str, strokes: float, quick: bool) -> Image.Image:
        rgb = self.photo(photo)
        stylizer = self._quick_style(style) if quick else self._true_style(style)
        if quick and strokes == 1:
            return Image.fromarray(stylizer.frame(np.asarray(rgb)))
        options = StylizeOptions(stroke_size=strokes)
        return stylizer.stylize_picture(Picture(rgb=rgb), options=options).rgb

    def _load_quick(self, style: str) -> Stylizer:
        return load(style, engine=self._quick_engine, for_video=True)


@dataclass(frozen=True)
class _Shown(Picture):
    """A photo as it is shown, and how many times its sides were reduced for that."""

    reduced: float = 1.0


def _shown_photo(file: str) -> _Shown:
    picture = replace(read_picture(file), info={})
    width, height = picture.rgb.size
    scale = math.sqrt(SHOWN_PIXELS / (width * height))
    if scale >= 1:
        return _Shown(rgb=picture.rgb)
    size = max(fitted_size((width, height), int(scale * max(width, height))))
    return _Shown(rgb=fit(picture.rgb, size), reduced=max(width, height) / size)
