"""The Gram matrix and the style loss built on it (Gatys et al. 2015, equations 3 to 5)."""

import torch
from torch import Tensor


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
