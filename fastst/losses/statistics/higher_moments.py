"""Each channel's central moments, skewness and kurtosis among them."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, weighted_mean, weighted_positions

_ORDERS = 4
# Channels that hardly vary in the style image are measured by this share of the channels' mean magnitude.
_LEAST_DEVIATION = 0.1


class HigherMoments(StyleStatistic):
    """Central moment discrepancy (Kalischek et al., "In the Light of Feature Distributions", 2021).

    The features are squashed into [−1, 1], z = 2 · sigmoid((x − μ') / σ') − 1 with the style image's
    mean and deviation of each channel. With c_1 = E z and c_k = E(z − c_1)^k, of which c_3 tells the
    skewness and c_4 the kurtosis, the term is the mean over channels of

        (1/4) · Σ_k (c_k − c_k')²,  k = 1 to 4.

    The paper squashes too, so that the orders are comparable; without it a few extreme positions are
    enough to match the fourth moment, and the optimizer makes them.
    """

    calibration = 217.0

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        columns, shares = weighted_positions(features, weight_map)
        self.mean = weighted_mean(columns, shares)
        deviation = weighted_mean((columns - self.mean).square(), shares).sqrt()
        magnitude = weighted_mean(columns.square(), shares).sqrt()
        self.deviation = deviation.clamp_min(float(_LEAST_DEVIATION * magnitude.mean())).clamp_min(1e-8)
        self.moments = self._central_moments(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        differences = self._central_moments(features, weight_map) - self.moments
        return self.weight * differences.square().mean(dim=(1, 2))

    def _central_moments(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        """Return c_1 to c_4 of the squashed features, (N, C, 4)."""
        columns, shares = weighted_positions(features, weight_map)
        squashed = torch.tanh((columns - self.mean) / (2 * self.deviation))
        mean = weighted_mean(squashed, shares)
        centred = squashed - mean
        powers = [weighted_mean(centred**order, shares) for order in range(2, _ORDERS + 1)]
        return torch.cat((mean, *powers), dim=-1)
