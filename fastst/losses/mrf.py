"""Every small patch of the picture should look like some patch of the style image."""

from torch import Tensor

from fastst.losses.patch_matching import PatchMatcher, sampling_stride
from fastst.losses.statistic import StyleStatistic


class Mrf(StyleStatistic):
    """Li & Wand, "Combining Markov Random Fields and Convolutional Neural Networks" (2016), equation 2.

    With x_i the picture's patches of features, t_i the style patch of the highest normalised
    cross-correlation with x_i, and w_i their weights,

        Σ_i w_i ‖x_i − t_i‖² / Σ_i w_i (‖x_i‖² + ‖t_i‖²).

    Patches are 3 positions wide and 1 apart where the style image's map has up to 2048 positions, and
    both grow with larger maps.

    No patch of the picture is kept for the gradient: with a(q) = Σ w_i over the patches that lie on q
    and b(q) the sum of w_i times what they want there, Σ_i w_i ‖x_i − t_i‖² =
    Σ_q a(q) ‖F(q)‖² − 2 Σ_q b(q)·F(q) + Σ_i w_i ‖t_i‖².
    """

    calibration = 1.08

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.stride = sampling_stride(features)
        self.matcher = PatchMatcher(features, weight_map, size=self.stride + 2, stride=self.stride)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        found = self.matcher.replace(features, weight_map, stride=self.stride)
        energy = (found.cover * features.square()).sum(dim=(1, 2, 3)) + found.energy
        distance = energy - 2 * (found.sums * features).sum(dim=(1, 2, 3))
        return self.weight * distance / energy.clamp_min(1e-8)
