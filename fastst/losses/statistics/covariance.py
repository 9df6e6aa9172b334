"""Mean and covariance of the features: what the Gram matrix mixes, taken apart."""

from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, relative_error, weighted_mean, weighted_positions


class Covariance(StyleStatistic):
    """Relative error of the covariance matrix plus that of the mean.

    G / M = Σ + μ μᵀ: in the Gram matrix of rectified features the means outweigh what varies. Here
    the Gram matrix of centerd features and the mean are each a share of their own energy,

        ‖Σ − Σ'‖² / (‖Σ‖² + ‖Σ'‖²) + ‖μ − μ'‖² / (‖μ‖² + ‖μ'‖²),

    as in Li et al., "Demystifying Neural Style Transfer" (2017), which reads the Gram matrix as a
    second-order kernel of the distribution, and in whitening and coloring (Li et al., "Universal
    Style Transfer", 2017).
    """

    calibration = 0.51

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.mean, self.covariance = mean_and_covariance(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        mean, covariance = mean_and_covariance(features, weight_map)
        error = relative_error(covariance, self.covariance, weight=self.weight)
        return error + relative_error(mean, self.mean, weight=self.weight)


def mean_and_covariance(features: Tensor, weight_map: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return μ, (N, C, 1), and Σ, (N, C, C), over the weighted positions of (N, C, H, W)."""
    columns, shares = weighted_positions(features, weight_map)
    mean = weighted_mean(columns, shares)
    centred = columns - mean
    return mean, (centred * shares) @ centred.mT
