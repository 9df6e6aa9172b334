"""Every small patch of the picture should look like some patch of the style image."""

from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic
from fastst.losses.statistics.patch_matching import PatchMatcher, relative_distance, sampling_stride


class Mrf(StyleStatistic):
    """Li & Wand, "Combining Markov Random Fields and Convolutional Neural Networks" (2016), equation 2.

    With x_i the picture's patches of features, t_i the style patch of the highest normalized
    cross-correlation with x_i, and w_i their weights,

        Σ_i w_i ‖x_i − t_i‖² / Σ_i w_i (‖x_i‖² + ‖t_i‖²).

    Patches are 3 positions wide and 1 apart where the style image's map has up to 2048 positions, and
    both grow with larger maps.
    """

    calibration = 1.08

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.stride = sampling_stride(features)
        self.matcher = PatchMatcher(features, weight_map, size=self.stride + 2, stride=self.stride)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        found = self.matcher.replace(features, weight_map, stride=self.stride)
        return self.weight * relative_distance(features, found)
