"""The content loss: squared error between feature maps (Gatys et al. 2015, equation 1)."""

from torch import Tensor


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Return Σ_ij (F_ij − P_ij)² for each picture.

    Args:
        features: F, the current picture's feature maps at one deep layer, (N, C, H, W).
        target: P, the content image's feature maps at the same layer, (N, C, H, W).

    Returns:
        (N,), one loss a picture.
    """
    return (features.float() - target.float()).square().sum(dim=(1, 2, 3))
