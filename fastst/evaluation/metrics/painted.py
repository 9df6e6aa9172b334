"""Whether a picture looks painted: strokes as strong as the painting's, the photo's contours, no hatch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, geometric_mean
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.evaluation.metrics.color import lightness_contrast, mean_chroma
from fastst.images.colors import rgb_to_lab
from fastst.images.edges import blurred, edge_correlation
from fastst.images.spectra import TILE, fine_frequencies, hann_window, peaks

# Strokes of 4, 8, 16 and 32 px lie between one of these Gaussians' sigmas and the next.
_SIGMAS = (1.0, 2.0, 4.0, 8.0, 16.0)
_FLATTEST = 1 / 3
_GOOD_EDGES = 0.7
_HOP = 16
# A peak of a hatch is so many times its surroundings; those of strokes and grain are lower.
_PEAK = 6.0


@dataclass(frozen=True)
class Painted:
    """One picture's figures, all at a long side of 512 px.

    Attributes:
        strokes: the deviation of L* in bands of about 4, 8, 16 and 32 px over the flattest third of the
            photo, as shares of the painting's: 1 is as bold as the painting.
        edges: see ``edge_correlation``; 0.7 and more reads well.
        hatch: the deviation, in L*, of what is periodic with 2 to 8 px there, beyond the painting's.
        contrast: the deviation of L* as a share of the painting's.
        chroma: the mean chroma as a share of the painting's.
    """

    strokes: tuple[float, float, float, float]
    edges: float
    hatch: float
    contrast: float
    chroma: float

    @property
    def rank(self) -> float:
        """One figure to rank by, in [0, 1].

        The geometric mean of the four strokes, times edges / 0.7, contrast and chroma; each is at most 1,
        and too much counts as its inverse, but for the edges. So a color filter has no strokes, white
        noise none of the larger ones, and the painting itself no edges. A hatch takes off a tenth for each
        unit of L*.
        """
        shares = [_near_one(share) for share in self.strokes]
        kept = min(max(self.edges, 0.0) / _GOOD_EDGES, 1.0)
        clean = max(0.0, 1 - 0.1 * self.hatch)
        return geometric_mean(shares) * kept * _near_one(self.contrast) * _near_one(self.chroma) * clean


def mean_painted(pictures: Sequence[Painted]) -> dict[str, Any]:
    """Return the means over pictures by the names of ``Painted``, and of ``rank``."""
    means: dict[str, Any] = {
        name: fmean(getattr(picture, name) for picture in pictures)
        for name in ("rank", "edges", "hatch", "contrast", "chroma")
    }
    bands = zip(*(picture.strokes for picture in pictures), strict=True)
    return {**means, "strokes": [fmean(band) for band in bands]}


def _near_one(share: float) -> float:
    return max(min(share, 1 / max(share, 1e-6)), 1e-6)


class PaintedEvaluator:
    """Holds a painting's figures.

    Args:
        painting: (1, 3, H, W), RGB in [0, 1], at a long side of 512 px.
    """

    def __init__(self, painting: Tensor) -> None:
        lightness = _lightness(painting)
        self._bands = [float(band.std(correction=0)) for band in _bands(lightness)]
        self._hatch = hatch(lightness)
        self._contrast = lightness_contrast(painting[0])
        self._chroma = mean_chroma(painting[0])

    @torch.no_grad()
    def __call__(self, picture: Tensor, photo: Tensor) -> Painted:
        """Judge a picture, (1, 3, H, W), RGB in [0, 1], against its photo of the same size."""
        lightness, flat = _lightness(picture), flattest_third(photo)
        first, second, third, fourth = (
            float(band[flat].std(correction=0)) / max(own, 1e-6)
            for band, own in zip(_bands(lightness), self._bands, strict=True)
        )
        return Painted(
            strokes=(first, second, third, fourth),
            edges=float(edge_correlation(picture, photo)),
            hatch=max(0.0, hatch(lightness, flat) - self._hatch),
            contrast=lightness_contrast(picture[0]) / max(self._contrast, 1e-6),
            chroma=mean_chroma(picture[0]) / max(self._chroma, 1e-6),
        )


def flattest_third(photo: Tensor) -> Tensor:
    """Return where a photo (1, 3, H, W) has least energy between σ 1 and 16 px: (1, 1, H, W), bool."""
    lightness = _lightness(photo)
    between = blurred(lightness, _SIGMAS[0]) - blurred(lightness, _SIGMAS[-1])
    energy = blurred(between.square(), 8.0)
    limit = energy.flatten().kthvalue(max(1, int(energy.numel() * _FLATTEST))).values
    return energy <= limit


def hatch(lightness: Tensor, where: Tensor | None = None) -> float:
    """Return the deviation of what is periodic with 2 to 8 px and goes on for some ten periods.

    From the power spectra of 64 px tiles, each averaged with its neighbors', the energy of those peaks is
    taken that rise to more than six times their surroundings.

    Args:
        lightness: L*, (1, 1, H, W), at least 64 px a side.
        where: (1, 1, H, W), bool; None: everywhere.
    """
    window = hann_window()
    fine = _tiles(lightness - blurred(lightness, 4.0))
    rows, columns = fine.shape[:2]
    inside = torch.ones_like(lightness) if where is None else blurred(where.float(), 2.0)
    weights = _tiles(inside).flatten(0, 1) * window
    tiles = fine.flatten(0, 1)
    mean = (tiles * weights).sum(dim=(1, 2)) / weights.sum(dim=(1, 2)).clamp_min(1e-6)
    spectra = torch.fft.fft2((tiles - mean[:, None, None]) * weights).abs().square()
    power = spectra / (window.square().sum() * TILE**2)
    share = weights.square().sum(dim=(1, 2)) / window.square().sum()
    power = _with_neighbours(power.permute(1, 2, 0).reshape(-1, rows, columns))
    power = power.reshape(TILE, TILE, -1).permute(2, 0, 1)
    found = peaks(power, _PEAK)[:, fine_frequencies()].sum()
    total = _with_neighbours(share.reshape(1, rows, columns)).sum()
    return float((found / total.clamp_min(1e-9)).sqrt())


def _lightness(image: Tensor) -> Tensor:
    return rgb_to_lab(image.detach().float().cpu())[:, :1]


def _bands(lightness: Tensor) -> list[Tensor]:
    smooth = [blurred(lightness, sigma) for sigma in _SIGMAS]
    return [finer - coarser for finer, coarser in pairwise(smooth)]


def _tiles(plane: Tensor) -> Tensor:
    """Return overlapping tiles of (1, 1, H, W): (rows, columns, 64, 64)."""
    return plane[0, 0].unfold(0, TILE, _HOP).unfold(1, TILE, _HOP)


def _with_neighbours(maps: Tensor) -> Tensor:
    """Return the mean of each position of (C, h, w) and its neighbors."""
    return F.avg_pool2d(maps[None], 3, stride=1, padding=1, count_include_pad=False)[0]
