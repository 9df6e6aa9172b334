"""One random square of a photo, the same way for every source of photos."""

import numpy as np
from PIL import Image
from torch import Tensor

from fastst.images import to_tensor

SMALLEST_SIDE = 32
WIDEST_VIEW = 2.0


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
