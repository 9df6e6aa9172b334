"""The distribution of the features seen from many directions."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.losses.statistics.base import StyleStatistic, weighted_positions
from fastst.losses.statistics.quantiles import QuantileFunctions

_SEED = 0


class SlicedWasserstein(StyleStatistic):
    """Heitz et al., "A Sliced Wasserstein Loss for Neural Texture Synthesis" (2021).

    The features are projected on unit directions v, as many as there are channels; along each, the
    squared Wasserstein distance W²(v·F, v·A) is exact by sorting. The sum over the directions is
    divided by that of E(v·F)² + E(v·A)². In the limit of all directions it is 0 only for equal
    distributions, so it sees all that the Gram matrix sees and more.

    The paper draws new directions at every iteration. Here they are drawn once with a fixed seed, so
    that L-BFGS has one function to minimize and a resumed training does as one that never stopped.
    """

    calibration = 9.3

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.directions = _unit_directions(features.shape[1]).to(features)
        columns, shares = weighted_positions(features, weight_map)
        self.quantiles = QuantileFunctions(
            self.directions @ columns, shares if weight_map is not None else None
        )

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        columns, shares = weighted_positions(features, weight_map)
        distance, energy = self.quantiles.transport(
            self.directions @ columns, shares if weight_map is not None else None
        )
        return self.weight * distance / energy.clamp_min(1e-8)


def _unit_directions(channels: int) -> Tensor:
    """Return as many directions as channels, (C, C), one a row."""
    generator = torch.Generator().manual_seed(_SEED)
    return F.normalize(torch.randn(channels, channels, generator=generator, dtype=torch.float64), dim=1)
