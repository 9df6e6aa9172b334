"""Masks: gray pictures whose white says where, and whose grays say how much."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from PIL import ImageChops
from torch import Tensor
from torch.nn import functional as F

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images.pictures import read_picture

_Second = TypeVar("_Second")
REST = "rest"
# A mask that was resized from its picture's size is off by a pixel, a mask of another picture by more.
_ASPECT_TOLERANCE = 0.03
_DARKEST = 4 / 255


@dataclass(frozen=True)
class Mask:
    """A mask that was read, and the file that it came from.

    Attributes:
        path: its file.
        weights: (1, 1, H, W) in [0, 1], 1 where it is white.
    """

    path: Path
    weights: Tensor

    def check_aspect(self, picture_size: Sequence[int], *, picture: str) -> None:
        """Refuse a mask that has not the shape of its picture; its size does not matter.

        Args:
            picture_size: the picture's height and width in pixels.
            picture: what to call it.

        Raises:
            UsageError: naming both.
        """
        height, width = self.weights.shape[-2:]
        picture_height, picture_width = picture_size
        if abs(math.log(width / height * picture_height / picture_width)) > _ASPECT_TOLERANCE:
            raise UsageError(
                f"{self.path}: is {width} x {height}, but {picture} is {picture_width} x {picture_height}; "
                "make the mask in its picture's shape"
            )


def read_mask(path: StrPath) -> Mask:
    """Read a picture file as a mask: its luminance, and 0 where it is transparent.

    Raises:
        UsageError: if it is black all over.
        FaststError: if it cannot be read.
    """
    picture = read_picture(path)
    grey = picture.rgb.convert("L")
    if picture.alpha is not None:
        grey = ImageChops.multiply(grey, picture.alpha)
    weights = torch.from_numpy(np.array(grey)).float()[None, None] / 255
    # The noise of a JPEG's black is no region.
    weights = torch.where(weights > _DARKEST, weights, 0)
    if not bool(weights.any()):
        raise UsageError(f"{path}: is black all over, so the region is empty; paint the region white")
    return Mask(Path(path), weights)


def resized_by_area(weights: Tensor, size: tuple[int, int]) -> Tensor:
    """Return weights (N, 1, H, W) at another size, (N, 1, *size): the mean of what each pixel covers."""
    # Apple's GPUs cannot do it for every pair of sizes.
    return F.adaptive_avg_pool2d(weights.cpu(), size).to(weights.device)


def partition(masks: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Share the picture out among masks (1, 1, H, W) in [0, 1], all of one size.

    Where masks overlap to more than 1, each gets its part in proportion; what they leave is the rest.

    Returns:
        The masks' parts and the rest, which add up to 1 at every pixel.
    """
    total = torch.stack(list(masks)).sum(dim=0)
    parts = [mask / total.clamp_min(1) for mask in masks]
    return parts, (1 - total).clamp_min(0)


def split_pairs(
    pairs: Sequence[str | tuple[StrPath, _Second]], *, written: str
) -> list[tuple[StrPath, str | _Second]]:
    """Return pairs, written as ``first:second`` or given as tuples, all as tuples; see ``split_pair``.

    Raises:
        UsageError: if one is not written so.
    """
    return [split_pair(pair, written=written) if isinstance(pair, str) else pair for pair in pairs]


def split_pair(text: str, *, written: str) -> tuple[str, str]:
    """Split ``first:second`` as the command line writes a region; the second may be left out.

    Args:
        text: such as ``sky.png:starry-night``; on Windows a drive's colon belongs to the first name, and so
            do those of a file that is there.
        written: how it should be written, for the complaint.

    Raises:
        UsageError: if there is nothing before the colon.
    """
    drive, rest = os.path.splitdrive(text)
    colons = [place for place, sign in enumerate(rest) if sign == ":"]
    # Names may have colons of their own: what is there decides, the longest name first.
    for place in (len(rest), *reversed(colons)):
        if _is_file(drive + rest[:place]):
            return drive + rest[:place], rest[place + 1 :]
    first, _, second = rest.partition(":")
    if not first:
        raise UsageError(f"region {text}: write it as {written}")
    return drive + first, second


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False
