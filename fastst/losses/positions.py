"""Where in a picture a style statistic looks: the weight map, one mechanism for every statistic.

After Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer" (2017), section 4: what is a
sum over positions becomes a sum weighted by a guidance map, normalised so that the weights add up to one.
"""

import torch
from torch import Tensor


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
