"""One photo in many styles, side by side: what to choose a style by."""

import os
from collections.abc import Callable, Sequence

from PIL import Image

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, check_size, fit, read_picture
from fastst.networks.styles import style_label, style_names
from fastst.stylize.load import load
from fastst.stylize.options import SheetOptions

_DEFAULT = SheetOptions()


def style_sheet(
    photo: StrPath,
    *,
    styles: Sequence[StrPath] = (),
    size: int = _DEFAULT.size,
    device: str | None = _DEFAULT.device,
    on_style: Callable[[int, int], None] = lambda done, total: None,
) -> Image.Image:
    """Return a photo and its stylized pictures in a grid, each with its style's name under it.

    Args:
        photo: a picture file.
        styles: names, checkpoints and mixes; none: every installed style.
        size: the long side in pixels that the photo is stylized and shown at.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_style: called with the number of styles that are done and of all.

    Raises:
        UsageError: if there is no such style or no style at all, or the size is none.
        FaststError: if the photo or a checkpoint cannot be read.
    """
    check_size(size)
    names = [os.fspath(style) for style in styles] or style_names()
    if not names:
        raise UsageError("no style is installed; name some with -s, or train one with `fastst train`")
    picture = Picture(rgb=fit(read_picture(photo).rgb, size))
    cells = [("photo", picture.rgb)]
    for done, name in enumerate(names):
        on_style(done, len(names))
        cells.append((style_label(name), load(name, device=device).stylize_picture(picture).rgb))
    on_style(len(names), len(names))
    return contact_sheet(cells, cell=size)
