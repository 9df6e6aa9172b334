"""Gaussian blur, and how much of a photo's edges a picture keeps."""

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.images.colors import rgb_to_lab

# Of the Gaussian before the gradient: strokes are finer than this, and the scene's contours are not.
_SIGMA = 3.0


def edge_correlation(picture: Tensor, photo: Tensor) -> Tensor:
    """Return the correlation of the gradient magnitudes of L*, smoothed by σ 3 px, of picture and photo.

    It says what is left of the content: 1 for the photo itself, 0 for what has nothing to do with it.

    Args:
        picture: (N, 3, H, W), RGB in [0, 1].
        photo: likewise.

    Returns:
        (N,), in [-1, 1]; 0 where one of both is flat.
    """
    found, wanted = (_gradient(image).flatten(1) for image in (picture, photo))
    found = found - found.mean(dim=1, keepdim=True)
    wanted = wanted - wanted.mean(dim=1, keepdim=True)
    return (found * wanted).sum(dim=1) / (found.norm(dim=1) * wanted.norm(dim=1)).clamp_min(1e-6)


def _gradient(image: Tensor) -> Tensor:
    smooth = blurred(rgb_to_lab(image.float())[:, :1], _SIGMA)
    down = (smooth[..., 2:, 1:-1] - smooth[..., :-2, 1:-1]) / 2
    across = (smooth[..., 1:-1, 2:] - smooth[..., 1:-1, :-2]) / 2
    return torch.hypot(down, across)


def blurred(planes: Tensor, sigma: float) -> Tensor:
    """Return planes (N, C, H, W) after a Gaussian of ``sigma`` px, mirrored at the border."""
    height, width = planes.shape[-2:]
    down, across = (_blur_matrix(side, sigma).to(planes) for side in (height, width))
    return down @ planes @ across.T


@lru_cache(maxsize=64)
def _blur_matrix(side: int, sigma: float) -> Tensor:
    """Return (side, side): each row what a pixel takes of the others on its line."""
    reach = max(1, math.ceil(4 * sigma))
    line = torch.arange(-reach, reach + 1, dtype=torch.float64)
    kernel = torch.exp(-line.square() / (2 * sigma**2))
    padded = torch.eye(side, dtype=torch.float64)
    left = reach
    while left > 0:  # a mirror reaches no further than the picture
        step = min(left, side)
        padded = torch.cat([padded[:step].flip(0), padded, padded[-step:].flip(0)])
        left -= step
    rows = F.conv1d(padded.T[:, None], (kernel / kernel.sum())[None, None])[:, 0].T
    return rows.float()
