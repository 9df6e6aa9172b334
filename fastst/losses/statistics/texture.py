"""Gram matrices between the features and their shifted selves, which keep long-range layout."""

from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, normalised, relative_error
from fastst.losses.statistics.gram import mean_gram_matrix

# In positions of the layer, down and across; (0, 0) is the plain Gram matrix.
_SHIFTS = ((0, 0), (0, 4), (4, 0), (0, 16), (16, 0))


class Texture(StyleStatistic):
    """Berger & Memisevic, "Incorporating Long-Range Consistency in CNN-Based Texture Generation" (2017).

    For a shift δ, G_ij(δ) = E_q F_i(q) F_j(q+δ), the Gram matrix of features and shifted features;
    δ = 0 is the plain one. The term is the mean over δ of ‖G(δ) − A(δ)‖² / (‖G(δ)‖² + ‖A(δ)‖²),
    for shifts of 0, 4 and 16 positions, down and across, that are at most half of either picture's side.
    In a region, a pair of shifted positions weighs the product of their weights.
    """

    calibration = 0.91

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.grams = _shifted_grams(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        grams = _shifted_grams(features, weight_map)
        shifts = [shift for shift in grams if shift in self.grams]
        weight = self.weight / len(shifts)
        errors = [relative_error(grams[shift], self.grams[shift], weight=weight) for shift in shifts]
        return sum(errors[1:], start=errors[0])


def _shifted_grams(features: Tensor, weight_map: Tensor | None) -> dict[tuple[int, int], Tensor]:
    """Return G(δ), (N, C, C), for every shift that fits."""
    height, width = features.shape[-2:]
    grams = {(0, 0): mean_gram_matrix(features, weight_map)}
    for down, across in _SHIFTS[1:]:
        if down > height // 2 or across > width // 2:
            continue
        near = (..., slice(height - down), slice(width - across))
        far = (..., slice(down, None), slice(across, None))
        first, second = features[near].flatten(2), features[far].flatten(2)
        if weight_map is None:
            grams[down, across] = first @ second.mT / first.shape[-1]
            continue
        pairs = (weight_map[near] * weight_map[far]).to(features).flatten(2)
        if bool((pairs > 0).any()):
            grams[down, across] = (first * normalised(pairs)) @ second.mT
    return grams
