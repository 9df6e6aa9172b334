"""Local power spectra of a picture, and what in them is periodic: how a hatch is found."""

import torch
from torch import Tensor
from torch.nn import functional as F

# The side of a tile in pixels.
TILE = 64
# A Hann window spreads a tone over 2 bins to each side.
_TONE, _AROUND = 2, 5
_LONGEST_PERIOD = 8


def hann_window() -> Tensor:
    """Return the window of a tile, (TILE, TILE)."""
    window = torch.hann_window(TILE, periodic=True)
    return window[:, None] * window


def fine_frequencies() -> Tensor:
    """Return which bins of a tile's spectrum are of periods of 2 to 8 px: (TILE, TILE), bool."""
    frequency = torch.fft.fftfreq(TILE)
    return torch.hypot(frequency[:, None], frequency[None]) >= 1 / _LONGEST_PERIOD - 1e-6


def peaks(power: Tensor, times: float) -> Tensor:
    """Return by how much bins are above ``times`` the mean of those around them, (N, TILE, TILE), of spectra.

    A pattern that goes on for some ten periods is such a peak; strokes and grain spread over many bins.
    """
    count = (2 * _AROUND + 1) ** 2 - (2 * _TONE + 1) ** 2
    around = (_box_sum(power, _AROUND) - _box_sum(power, _TONE)) / count
    return (power - times * around).clamp_min(0)


def _box_sum(power: Tensor, radius: int) -> Tensor:
    """Return the sum over the bins around each bin of (N, TILE, TILE); frequencies wrap round."""
    padded = F.pad(power[:, None], (radius,) * 4, mode="circular")
    return F.avg_pool2d(padded, 2 * radius + 1, stride=1)[:, 0] * (2 * radius + 1) ** 2
