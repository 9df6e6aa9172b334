"""Photos for training as RGB images; big JPEGs are decoded at a fraction of their size, which is faster."""

import io
import warnings
from pathlib import Path

from PIL import Image

from fastst.data.crops import SMALLEST_SIDE
from fastst.errors import FaststError
from fastst.images import Picture, read_picture

_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "GIF")


def read_photo(path: Path, *, enough: int) -> Image.Image:
    """The photo at path, mode RGB, upright, its short side at least `enough` px where the file has them.

    Raises:
        FaststError: if it cannot be read, or its short side is under SMALLEST_SIDE px.
    """
    try:
        with path.open("rb") as file:
            image = _reduced_jpeg(file, enough=enough)
    except Exception:  # whatever the matter is, read_picture finds it too and says it well
        image = None
    return _large_enough(image or read_picture(path).rgb, name=str(path))


def decode_photo(data: bytes, *, name: str, enough: int) -> Image.Image:
    """The photo in these bytes of a picture file, as from read_photo; name is for the error."""
    try:
        image = _reduced_jpeg(io.BytesIO(data), enough=enough)
        if image is None:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as whole:
                image = Picture.of(whole).rgb
    except Exception as error:  # Pillow's decoders raise a dozen kinds over damaged bytes
        raise FaststError(f"{name}: cannot be read as a picture ({error})") from error
    return _large_enough(image, name=name)


def _reduced_jpeg(file: io.BufferedReader | io.BytesIO, *, enough: int) -> Image.Image | None:
    """Decode a JPEG at 1/2, 1/4 or 1/8 if that leaves enough pixels; None for all other pictures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(file, formats=_FORMATS) as image:
            if image.format != "JPEG" or min(image.size) < 2 * enough:
                return None
            width, height = (-(-side * enough // min(image.size)) for side in image.size)
            image.draft(None, (width, height))
            image.load()
            return Picture.of(image).rgb


def _large_enough(image: Image.Image, *, name: str) -> Image.Image:
    if min(image.size) < SMALLEST_SIDE:
        raise FaststError(
            f"{name}: is {image.width} x {image.height}; a photo needs {SMALLEST_SIDE} px on its short side"
        )
    return image
