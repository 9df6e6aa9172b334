"""Pictures as tensors, and back."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images.pictures import fit, read_picture


def to_tensor(image: Image.Image) -> Tensor:
    """An RGB image as a float32 tensor (3, H, W), RGB in [0, 1]."""
    pixels = torch.from_numpy(np.array(image, dtype=np.uint8))
    return pixels.permute(2, 0, 1).contiguous().float() / 255


def read_tensor(path: StrPath, *, size: int, least: int = 1) -> Tensor:
    """Read a picture's colors, its long side resized to ``size`` px, as (1, 3, H, W), RGB in [0, 1].

    Args:
        path: the file.
        size: of the long side in pixels.
        least: pixels that the short side must have then.

    Raises:
        FaststError: as ``read_picture``.
        UsageError: as ``fit``, and if the short side is too short.
    """
    image = fit(read_picture(path).rgb, size)
    if min(image.size) < least:
        raise UsageError(
            f"{path}: is so thin that it has {image.width} x {image.height} pixels at size {size}, and "
            f"{least} are needed; cut a part out of it, or choose a larger size"
        )
    return to_tensor(image)[None]


def to_image(tensor: Tensor) -> Image.Image:
    """A tensor (3, H, W), RGB in [0, 1], as an 8-bit RGB image; values are clamped and rounded."""
    pixels = tensor.detach().float().clamp(0, 1).mul(255).round().to("cpu", torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy())
