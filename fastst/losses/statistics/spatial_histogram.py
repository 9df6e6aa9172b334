"""Distributions of feature values, matched place by place."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, weighted_positions
from fastst.losses.statistics.quantiles import QuantileFunctions

_CELLS = 3


class SpatialHistogram(StyleStatistic):
    """Histogram matching with a spatial constraint: one loss of Risser et al. 2017 per cell of a grid.

    The cells are the soft windows of a 3×3 grid; each is cos² along both sides, centerd on the
    corners, the edges' middles and the center, and reaches to the next center, so that neighbors
    overlap smoothly and all nine add up to 1 everywhere. What is top left in the style image is sought
    top left in the picture. With g a cell's share of the weight map,

        Σ_g g · E_g‖F − R_g(F)‖² / Σ_g g · (E_g‖F‖² + E_g‖A‖²),

    where E_g is the mean under the cell's window and R_g matches the values of the style image A there.
    In a region the grid spans the rectangle around it, on either side, and windows and weight map
    multiply; a cell in which the style image has no weight is left out.
    """

    calibration = 1.39

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.cells = [
            QuantileFunctions(*weighted_positions(features, window)) if bool(window.sum() > 0) else None
            for window in _windows(features, weight_map)
        ]

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        distance = energy = features.new_zeros(features.shape[0])
        for quantiles, window in zip(self.cells, _windows(features, weight_map), strict=True):
            mass = window.sum()
            if quantiles is None or not bool(mass > 0):
                continue
            cell_distance, cell_energy = quantiles.transport(*weighted_positions(features, window))
            distance, energy = distance + mass * cell_distance, energy + mass * cell_energy
        return self.weight * distance / energy.clamp_min(1e-8)


def _windows(features: Tensor, weight_map: Tensor | None) -> Iterator[Tensor]:
    """Yield every cell's weights, (1, 1, H, W), which add up to the weight map, or to 1 without one."""
    weights = torch.ones_like(features[:1, :1]) if weight_map is None else weight_map.to(features)
    rows, columns = (_windows_along(weights.amax(dim=across)) for across in ((0, 1, 3), (0, 1, 2)))
    for row in rows:
        for column in columns:
            yield (row[:, None] * column) * weights


def _windows_along(weights: Tensor) -> Tensor:
    """Return the cells' windows along one side, (cells, side), from its first weight to its last."""
    inside = weights.nonzero()[:, 0]
    first, side = (int(inside[0]), int(inside[-1] - inside[0]) + 1) if len(inside) else (0, len(weights))
    places = torch.arange(len(weights), dtype=weights.dtype, device=weights.device)
    middles = (places - first + 0.5) / side
    centers = torch.arange(_CELLS, dtype=weights.dtype, device=weights.device)[:, None]
    distances = (middles * (_CELLS - 1) - centers).abs()
    return ((math.pi / 2) * distances.clamp_max(1)).cos().square() * (distances < 1)
