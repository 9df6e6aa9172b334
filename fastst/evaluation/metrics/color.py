"""Color of a picture: how far its palette is from another's, how vivid and how contrasty it is."""

import math

import torch
from torch import Tensor

from fastst.images.colors import rgb_to_lab


def color_distance(
    a: Tensor, b: Tensor, *, projections: int = 64, samples: int = 16384, seed: int = 0
) -> float:
    """Sliced Wasserstein-1 distance between the colors of two pictures in CIELAB.

    The mean over evenly spread directions of the Wasserstein-1 distance between the pixels' projections
    (Bonneel et al. 2015). Where the pixels are does not matter. A shift of every color by ΔE gives ΔE / 2,
    the mean length of a projected unit vector.

    Args:
        a: (3, H, W), RGB in [0, 1].
        b: (3, H', W'), RGB in [0, 1]; it may have another size.
        projections: number of directions.
        samples: pixels drawn from a picture that has more.
        seed: of the drawing; the same seed gives the same distance.

    Returns:
        The distance, in units of CIELAB; 0 for equal pictures, and up to about 0.3 between two drawings
        from one palette.
    """
    directions = _directions(projections)
    lines_a = (_lab_pixels(a, samples=samples, seed=seed) @ directions.T).sort(dim=0).values
    lines_b = (_lab_pixels(b, samples=samples, seed=seed) @ directions.T).sort(dim=0).values
    count = max(len(lines_a), len(lines_b))
    return float((_quantiles(lines_a, count) - _quantiles(lines_b, count)).abs().mean())


def mean_chroma(image: Tensor) -> float:
    """Mean of the chroma, the root of a*² + b*², over a picture (3, H, W), RGB in [0, 1]; 0 for gray."""
    _, a, b = _lab(image)
    return float(torch.hypot(a, b).mean())


def lightness_contrast(image: Tensor) -> float:
    """Standard deviation of the lightness L* over a picture (3, H, W), RGB in [0, 1]; between 0 and 50."""
    return float(_lab(image)[0].std(correction=0))


def _lab(image: Tensor) -> Tensor:
    return rgb_to_lab(image.detach().double().cpu())


def _lab_pixels(image: Tensor, *, samples: int, seed: int) -> Tensor:
    """At most ``samples`` pixels (n, 3) of an image (3, H, W)."""
    pixels = image.detach().double().cpu().flatten(1)
    if pixels.shape[1] > samples:
        drawn = torch.randperm(pixels.shape[1], generator=torch.Generator().manual_seed(seed))[:samples]
        pixels = pixels[:, drawn]
    return rgb_to_lab(pixels[:, :, None])[:, :, 0].T


def _directions(count: int) -> Tensor:
    """``count`` unit vectors (count, 3), spread evenly over a half sphere by Fibonacci's spiral."""
    place = torch.arange(count, dtype=torch.float64) + 0.5
    height = place / count
    angle = place * math.pi * (3 - math.sqrt(5))
    radius = (1 - height.square()).sqrt()
    return torch.stack((radius * angle.cos(), radius * angle.sin(), height), dim=1)


def _quantiles(ordered: Tensor, count: int) -> Tensor:
    """The ``count`` evenly spaced quantiles of each column of ``ordered`` (n, projections)."""
    levels = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return ordered[(levels * len(ordered)).long()]
