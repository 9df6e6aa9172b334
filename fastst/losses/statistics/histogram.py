"""Each channel's whole distribution of values, matched exactly by sorting."""

from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, weighted_positions
from fastst.losses.statistics.quantiles import QuantileFunctions


class Histogram(StyleStatistic):
    """Feature-map histogram loss (Risser et al., "Stable and Controllable Neural Texture Synthesis", 2017).

    With R(F) the features whose histograms were matched to the style image's, channel by channel, and
    R a constant for the gradient,

        E‖F − R(F)‖² / (E‖F‖² + E‖A‖²)

    over the positions, with A the style image's features. The paper bins; here the sorted values are
    matched, which is exact: for equal numbers of positions value by value, else along the quantile
    functions. So it is the sum over channels of one-dimensional squared Wasserstein distances.
    """

    calibration = 2.45

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        columns, shares = weighted_positions(features, weight_map)
        self.quantiles = QuantileFunctions(columns, shares if weight_map is not None else None)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        columns, shares = weighted_positions(features, weight_map)
        distance, energy = self.quantiles.transport(columns, shares if weight_map is not None else None)
        return self.weight * distance / energy.clamp_min(1e-8)
