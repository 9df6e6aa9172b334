"""The Gram matrix and the style loss built on it (Gatys et al. 2015, equations 3 to 5)."""

import torch
from torch import Tensor

from fastst.losses.statistics.base import StyleStatistic, relative_error, weighted_positions


class Gram(StyleStatistic):
    """‖G − A‖² / (‖G‖² + ‖A‖²) with Gram matrices per position (Gatys et al. 2015), in [0, 1].

    With a weight map m of sum 1 it is the guided Gram matrix G_ij = Σ_k m_k F_ik F_jk (Gatys et al.
    2017). An untouched photo stands at 2 to 15 times ‖A‖² at relu4_3 and under 1 at
    relu1_2, so in the plain quotient ‖G − A‖² / ‖A‖² the deepest layer would drown the others. The
    other statistics are calibrated on this one.
    """

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.gram = mean_gram_matrix(features, weight_map)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        return relative_error(mean_gram_matrix(features, weight_map), self.gram, weight=self.weight)


class GramSums(StyleStatistic):
    """‖G − A‖² with Gram matrices as plain sums: the papers' own form, not free of scale.

    It knows no weight maps, as sums over areas of different sizes cannot meet; the objective refuses them.
    """

    def _prepare(self, features: Tensor, weight_map: Tensor | None) -> None:
        self.gram = gram_matrix(features)

    def _term(self, features: Tensor, weight_map: Tensor | None) -> Tensor:
        return gram_loss(gram_matrix(features), self.gram, weight=self.weight)


def gram_matrix(features: Tensor) -> Tensor:
    """Return G_ij = Σ_k F_ik F_jk: which channels fire together, wherever they do.

    Args:
        features: (N, C, H, W); each picture is read as a C×M matrix F with M = H·W.

    Returns:
        (N, C, C), float32 or wider: half precision overflows in the sum over positions.
    """
    flat = features.flatten(2)
    flat = flat if flat.dtype.itemsize >= 4 else flat.float()
    # Autocast would turn the product back to half precision.
    with torch.autocast(flat.device.type, enabled=False):
        return flat @ flat.mT


def mean_gram_matrix(features: Tensor, weight_map: Tensor | None) -> Tensor:
    """Return the Gram matrix per position, (N, C, C): the weighted mean of f fᵀ over positions."""
    if weight_map is None:
        return gram_matrix(features) / (features.shape[-2] * features.shape[-1])
    columns, shares = weighted_positions(features, weight_map)
    return (columns * shares) @ columns.mT


def gram_loss(gram: Tensor, target: Tensor, *, weight: float = 1.0) -> Tensor:
    """Return w_l · Σ_ij (G_ij − A_ij)² for each picture.

    Args:
        gram: G, (N, C, C).
        target: A, the style image's Gram matrix, (N, C, C) or (1, C, C).
        weight: w_l.

    Returns:
        (N,), one loss a picture.
    """
    return weight * (gram - target).square().sum(dim=(1, 2))
