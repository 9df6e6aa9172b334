"""Each channel's mean and standard deviation."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, relative_error, weighted_mean, weighted_positions

# Keeps the root's gradient finite in channels that never fire; VGG's features are of order 1 to 100.
_EPSILON = 1e-5


class Moments(StyleStatistic):
    """AdaIN's statistic (Huang & Belongie 2017, equation 13; Li et al. 2017, "Demystifying").

    With μ and σ each channel's mean and standard deviation over the positions,

        (‖μ − μ'‖² + ‖σ − σ'‖²) / (‖μ‖² + ‖σ‖² + ‖μ'‖² + ‖σ'‖²).

    It knows nothing of which channels fire together.
    """

    calibration = 3.3

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.moments = _mean_and_deviation(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        return relative_error(_mean_and_deviation(features, weight_map), self.moments, weight=self.weight)


def _mean_and_deviation(features: Tensor, weight_map: Tensor | None) -> Tensor:
    """Return (N, C, 2)."""
    columns, shares = weighted_positions(features, weight_map)
    mean = weighted_mean(columns, shares)
    variance = weighted_mean((columns - mean).square(), shares)
    return torch.cat((mean, (variance + _EPSILON).sqrt()), dim=-1)
