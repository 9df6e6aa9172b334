"""Photos read for training, and random crops of them."""

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from fastst.errors import FaststError
from fastst.files import check_is_file
from fastst.images.pictures import Picture, decode_picture, read_picture
from fastst.images.tensors import to_tensor

_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "GIF")

SMALLEST_SIDE = 32
WIDEST_VIEW = 2.0


def read_photo(path: Path, *, enough: int) -> Image.Image:
    """The photo at path, mode RGB, upright, its short side at least `enough` px where the file has them.

    Raises:
        FaststError: if it cannot be read, or its short side is under SMALLEST_SIDE px.
    """
    try:
        check_is_file(path, what="a picture")
        with path.open("rb") as file:
            image = _reduced_jpeg(file, enough=enough)
    except Exception:  # whatever the matter is, read_picture finds it too and says it well
        image = None
    return _large_enough(image or read_picture(path).rgb, name=str(path))


def decode_photo(data: bytes, *, name: str, enough: int) -> Image.Image:
    """The photo in these bytes of a picture file, as from read_photo; name is for the error."""
    try:
        image = _reduced_jpeg(io.BytesIO(data), enough=enough)
    except Exception:  # as in read_photo
        image = None
    return _large_enough(image or decode_picture(io.BytesIO(data), name=name).rgb, name=name)


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


def random_crop(image: Image.Image, *, size: int, rng: np.random.Generator) -> Tensor:
    """Scale, crop and perhaps mirror an RGB image to (3, size, size), float32, RGB in [0, 1].

    The square shows between all of the image's short side and 1 / WIDEST_VIEW of it, as far as the photo
    has the pixels; a photo smaller than size is enlarged until it fits. All chance comes from rng.
    """
    short = min(image.size)
    widest = min(size * WIDEST_VIEW, max(short, size))
    scale = rng.uniform(size, widest) / short
    side = size / scale
    left = rng.uniform(0, max(image.width - side, 0))
    top = rng.uniform(0, max(image.height - side, 0))
    box = (left, top, min(left + side, image.width), min(top + side, image.height))
    crop = image.resize((size, size), Image.Resampling.LANCZOS, box=box)
    if rng.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return to_tensor(crop)
