"""Style swap: the picture's features, rebuilt from pieces of the style image's."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, normalised
from fastst.losses.statistics.patch_matching import (
    PatchMatcher,
    Replacement,
    relative_distance,
    sampling_stride,
)


class Patches(StyleStatistic):
    """Chen & Schmidt, "Fast Patch-based Style Transfer of Arbitrary Style" (2016).

    Every patch is swapped for the style patch of the highest normalized cross-correlation; overlapping
    patches are averaged. With S(F) the swapped features, a constant for the gradient,

        E‖F − S(F)‖² / (E‖F‖² + E‖S‖²)

    over the positions. Patches are 5 positions wide and 2 apart where the style image's map has up to
    2048 positions, and both grow with larger maps; style patches lie twice as close. Where the paper
    swaps the photo's features once, here those of the picture so far are swapped at each call, so the
    choice improves as the picture does.
    """

    calibration = 0.77

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        close = sampling_stride(features)
        self.stride = 2 * close
        self.matcher = PatchMatcher(features, weight_map, size=2 * close + 3, stride=close)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        found = self.matcher.replace(features, weight_map, stride=self.stride)
        swapped = found.sums.div_(found.cover.clamp_min(1e-12))
        weights = torch.ones_like(found.cover) if weight_map is None else weight_map.to(features)
        shares = normalised(weights.flatten(2)).view_as(weights)
        energy = (shares * swapped.square().sum(dim=1, keepdim=True)).sum(dim=(1, 2, 3))
        wanted = Replacement(cover=shares, sums=swapped.mul_(shares), energy=energy)
        return self.weight * relative_distance(features, wanted)
