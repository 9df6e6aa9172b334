"""Kinds of TIFF that Pillow reads wrongly or not at all: planes, signs, floats, deep negatives."""

import logging
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image
from tifffile import PHOTOMETRIC, PLANARCONFIG, TiffFile, TiffPage

from fastst.errors import FaststError
from fastst.images.modes import to_8_bit

# What it says on top of raising is nothing for the screen.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_ORIENTATION, _PROFILE = "Orientation", "InterColorProfile"
_ASSOCIATED = 1
_READABLE = (PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.RGB)
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def read_unusual_tiff(
    file: BinaryIO, *, name: str, check_size: Callable[[tuple[int, int]], None]
) -> Image.Image | None:
    """Read a TIFF if it is of a kind that Pillow does not read rightly.

    Args:
        file: a TIFF.
        name: for errors.
        check_size: called with width and height before anything is decoded; may raise.

    Returns:
        The first page, mode L, LA, RGB or RGBA, with its profile and orientation; None if Pillow reads it
        rightly, or it is no sound TIFF.

    Raises:
        FaststError: if it is of such a kind and cannot be read.
    """
    file.seek(0)
    try:
        page = TiffFile(file).pages[0]
        if not isinstance(page, TiffPage) or not _is_unusual(page):
            return None
    except Exception:  # it raises a dozen kinds over damaged bytes, and Pillow may make more of them
        return None
    check_size((page.imagewidth, page.imagelength))
    return _read(page, name)


def _is_unusual(page: TiffPage) -> bool:
    depth = page.bitspersample
    if not isinstance(depth, int) or depth < 16:
        return False
    samples, kind = page.samplesperpixel, np.dtype(page.dtype).kind if page.dtype is not None else "?"
    return (
        (samples > 1 and page.planarconfig == PLANARCONFIG.SEPARATE)
        or (samples > 1 and kind == "f")
        or (samples == 2)
        or page.photometric == PHOTOMETRIC.MINISWHITE
        or kind == "i"
        or (depth == 32 and kind == "u")
    )


def _read(page: TiffPage, name: str) -> Image.Image:
    if page.photometric not in _READABLE or page.samplesperpixel not in _MODES:
        raise FaststError(f"{name}: is {_kind(page)}, which cannot be read; save it as RGB of 8 or 16 bits")
    try:
        values = page.asarray()
    except ValueError as error:
        raise FaststError(
            f"{name}: is {_kind(page)}, and compressed so that it cannot be read; save it without compression"
        ) from error
    if page.samplesperpixel > 1 and page.planarconfig == PLANARCONFIG.SEPARATE:
        values = np.moveaxis(values, 0, -1)
    image = _image(values, is_premultiplied=_ASSOCIATED in (int(kind) for kind in page.extrasamples))
    if page.photometric == PHOTOMETRIC.MINISWHITE:
        image = image.point([255 - level for level in range(256)])
    if (profile := page.tags.valueof(_PROFILE)) is not None:
        image.info["icc_profile"] = profile
    if (orientation := page.tags.valueof(_ORIENTATION)) is not None:
        image.getexif()[ExifTags.Base.Orientation] = int(orientation)
    return image


def _image(values: NDArray[np.generic], *, is_premultiplied: bool) -> Image.Image:
    if values.ndim == 2:
        return Image.fromarray(to_8_bit(values))
    # What is white in colors is found without the transparency, and the other way round.
    colors = values.shape[-1] - (values.shape[-1] in (2, 4))
    levels = np.concatenate(
        [to_8_bit(part) for part in (values[..., :colors], values[..., colors:]) if part.size], axis=-1
    )
    if is_premultiplied and values.shape[-1] == 4:
        return Image.frombytes("RGBa", levels.shape[1::-1], levels.tobytes()).convert("RGBA")
    return Image.frombytes(_MODES[levels.shape[-1]], levels.shape[1::-1], levels.tobytes())


def _kind(page: TiffPage) -> str:
    planes = " in planes" if page.planarconfig == PLANARCONFIG.SEPARATE else ""
    photometric = PHOTOMETRIC(page.photometric).name
    return f"a TIFF of {page.samplesperpixel} x {page.bitspersample} bits{planes} ({photometric})"
