"""Each channel's central moments, skewness and kurtosis among them."""

from torch import Tensor

from fastst.losses.positions import weighted_mean, weighted_positions
from fastst.losses.statistic import StyleStatistic, relative_error

_ORDERS = 4


class HigherMoments(StyleStatistic):
    """Central moment discrepancy (Kalischek et al., "In the Light of Feature Distributions", 2021).

    With c_1 each channel's mean and c_k = E[(x − c_1)^k] for k = 2, 3 (skewness) and 4 (kurtosis),

        (1/4) · Σ_k ‖c_k − c_k'‖² / (‖c_k‖² + ‖c_k'‖²).

    The paper squashes features to [0, 1], so that every order weighs the same; rectified features
    have no upper bound, so here each order is a share of its own energy instead.
    """

    calibration = 1.33

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.moments = _central_moments(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        weight = self.weight / _ORDERS
        moments = _central_moments(features, weight_map)
        errors = [
            relative_error(moment, target, weight=weight)
            for moment, target in zip(moments, self.moments, strict=True)
        ]
        return sum(errors[1:], start=errors[0])


def _central_moments(features: Tensor, weight_map: Tensor | None) -> list[Tensor]:
    """Return c_1 to c_4, each (N, C, 1)."""
    columns, shares = weighted_positions(features, weight_map)
    mean = weighted_mean(columns, shares)
    centred = columns - mean
    return [mean, *(weighted_mean(centred**order, shares) for order in range(2, _ORDERS + 1))]
