"""How each channel repeats in space: its auto-correlation over shifts."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, relative_error

# Largest shift in positions of the layer: 32 px at relu1_2, 256 px at relu4_3.
_REACH = 32
# A shift is compared where at least this share of the region lies over its shifted self.
_LEAST_OVERLAP = 0.05


class Correlation(StyleStatistic):
    """Deep feature correlation matching (Sendik & Cohen-Or, "Deep Correlations for Texture Synthesis", 2017).

    R_c(s) = Σ_q m(q) m(q+s) F_c(q) F_c(q+s) / Σ_q m(q) m(q+s), where m is the weight map, or 1 in
    the picture and 0 outside: the paper's structural matrices, with their division by the overlap. The
    term is ‖R − R'‖² / (‖R‖² + ‖R'‖²) over all channels and over shifts s of up to half the smaller
    picture's sides and at most 32 positions. Regular structure has peaks in R at its periods.

    The Fourier transform of the padded maps gives all shifts at once (Wiener-Khinchin).
    """

    calibration = 0.92

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.correlation, self.overlap = _correlation(features, weight_map, _reach(features))

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        down, across = (min(*sides) for sides in zip(_reach(features), self._reach(), strict=True))
        center = self._reach()[1]
        window = (..., slice(down + 1), slice(center - across, center + across + 1))
        correlation, overlap = _correlation(features, weight_map, (down, across))
        known = (overlap > _LEAST_OVERLAP) & (self.overlap[window] > _LEAST_OVERLAP)
        return relative_error(correlation * known, self.correlation[window] * known, weight=self.weight)

    def _reach(self) -> tuple[int, int]:
        return self.correlation.shape[-2] - 1, self.correlation.shape[-1] // 2


def _reach(features: Tensor) -> tuple[int, int]:
    height, width = features.shape[-2:]
    return min(_REACH, height // 2), min(_REACH, width // 2)


def _correlation(
    features: Tensor, weight_map: Tensor | None, reach: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Return R, (N, C, down + 1, 2·across + 1), and the overlap as a share of the unshifted one.

    Only shifts downwards are there, as R(−s) = R(s).
    """
    inside = torch.ones_like(features[:1, :1]) if weight_map is None else weight_map.to(features)
    products = _products_over_shifts(features * inside, reach)
    overlap = _products_over_shifts(inside, reach)
    share = overlap / overlap[..., :1, reach[1] : reach[1] + 1].clamp_min(1e-12)
    return products / overlap.where(share > _LEAST_OVERLAP, torch.ones_like(overlap)), share


def _products_over_shifts(maps: Tensor, reach: tuple[int, int]) -> Tensor:
    """Return Σ_q x(q) x(q+s) for shifts of up to ``reach``: down only, and across either way."""
    down, across = reach
    size = (maps.shape[-2] + down, maps.shape[-1] + across)
    # Padding by the largest shift keeps the far edge from meeting the near one.
    spectrum = torch.fft.rfft2(maps, s=size)
    products = torch.fft.irfft2(spectrum.real.square() + spectrum.imag.square(), s=size)[..., : down + 1, :]
    return torch.cat((products[..., size[1] - across :], products[..., : across + 1]), dim=-1)
