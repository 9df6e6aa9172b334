"""What every style statistic shares: its interface, and where in a picture it looks.

Where is said by a weight map, one mechanism for all, after Gatys et al., "Controlling Perceptual Factors in
Neural Style Transfer" (2017), section 4: what is a sum over positions becomes a sum weighted by a guidance
map, normalized so that the weights add up to one.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor


class StyleStatistic(ABC):
    """One statistic of the style image at one layer, to which other pictures are compared.

    It is made once from the style image's features and then called on the features of any pictures;
    the style image itself stands at 0. Every term is free of scale: brighter features, more positions
    or a larger region change nothing, because differences are shares of their own energy or of the style
    image's deviations. Nothing is drawn at random at a call, and what is drawn at the start comes from a
    fixed seed.

    ``calibration`` makes a strength of 1 mean the same for all: with it, the reference optimizer takes
    a photo as far from itself, by the content term, as the Gram matrix does at 1. It was measured by
    ``scripts/calibrate_statistics.py``: two photos and one painting, 40 iterations at 192 px.

    Args:
        features: the style image's, (1, C, h, w).
        weight_map: (1, 1, h, w), zero or more: where in the style image the style is; None: everywhere.
        weight: multiplies the term.
    """

    calibration: ClassVar[float] = 1.0

    def __init__(self, features: Tensor, weight_map: Tensor | None = None, *, weight: float = 1.0) -> None:
        self.weight = weight * self.calibration
        with torch.no_grad(), torch.autocast(features.device.type, enabled=False):
            self._prepare(widened(features), weight_map)

    def __call__(self, features: Tensor, weight_map: Tensor | None = None) -> Tensor:
        """Return each picture's term, (N,), of its features (N, C, H, W).

        ``weight_map``, (1, 1, H, W), says where the style is wanted in all of them; None: everywhere. Half
        precision is widened first, because it overflows in sums over positions.
        """
        with torch.autocast(features.device.type, enabled=False):
            return self._term(widened(features), weight_map)

    @abstractmethod
    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        """Keep what is needed of the style image's features (1, C, h, w)."""

    @abstractmethod
    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        """Return the term (N,) of features (N, C, H, W), in their precision, times ``self.weight``."""


def relative_error(value: Tensor, target: Tensor, *, weight: float = 1.0) -> Tensor:
    """Return w · ‖v − t‖² / (‖v‖² + ‖t‖²), (N,), of (N, ...) and (N or 1, ...).

    It lies between 0 and 2w, and under w where v and t have no negative product. When v is close to t
    it is half of the plain quotient ‖v − t‖² / ‖t‖²; when v is far it does not drown everything else.
    """
    dims = tuple(range(1, value.dim()))
    difference = weight * (value - target).square().sum(dim=dims)
    return difference / (value.square().sum(dim=dims) + target.square().sum(dim=dims)).clamp_min(1e-8)


def widened(features: Tensor) -> Tensor:
    """Return half precision as float32, and what is wider as it is."""
    return features if features.dtype.itemsize >= 4 else features.float()


def weighted_positions(features: Tensor, weight_map: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the features as columns, one a position, and each position's share of the whole.

    Positions of weight 0 are left out, so a small region costs little.

    Args:
        features: (N, C, H, W).
        weight_map: (1, 1, H, W), zero or more; None weighs all positions alike.

    Returns:
        (N, C, M) and (1, 1, M), the latter adding up to 1 over M.
    """
    columns = features.flatten(2)
    if weight_map is None:
        return columns, columns.new_full((1, 1, columns.shape[-1]), 1 / columns.shape[-1])
    weights = weight_map.to(columns).flatten(2)
    if not bool((weights > 0).all()):
        inside = (weights[0, 0] > 0).nonzero()[:, 0]
        columns, weights = columns[..., inside], weights[..., inside]
    return columns, normalised(weights)


def normalised(weights: Tensor) -> Tensor:
    """Return weights (N, 1, M) divided by their sum; all of them 0 where the sum is."""
    return weights / weights.sum(dim=-1, keepdim=True).clamp_min(torch.finfo(weights.dtype).tiny)


def weighted_mean(columns: Tensor, shares: Tensor) -> Tensor:
    """Return Σ_k p_k x_k, (N, C, 1), of columns (N, C, M) and shares (1, 1, M)."""
    return columns @ shares.mT
