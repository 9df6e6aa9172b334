"""Steadiness: what moves in the stylised film must be what moved before the camera, and nothing else."""

from torch import Tensor

from fastst.losses.statistic import relative_error

_FRAME_DIFFERENCE = 0.1


def steadiness_loss(
    second: Tensor,
    moved: Tensor,
    *,
    seen: Tensor,
    second_features: Tensor,
    moved_features: Tensor,
    change: Tensor,
) -> Tensor:
    """Return each pair's unsteadiness, without units: shares of the stylised frames' own energy.

    With y₂ the second stylised frame, ŷ₁ the first one moved as the scene did, m the pixels that both show,
    F their features, and Δ the change that the camera saw where nothing was meant to change (noise, blur,
    exposure),

        ‖m·(y₂ − ŷ₁)‖² / ‖m·(ŷ₁ − mean)‖² + ‖F(y₂) − F(ŷ₁)‖² / (‖F(y₂)‖² + ‖F(ŷ₁)‖²)
          + 0.1 · ‖m·((y₂ − ŷ₁) − Δ)‖² / ‖m·(ŷ₁ − mean)‖²

    The first two are the warping loss of Gupta et al. 2017 in pixels and in features. The third is the
    frame difference of Xu et al. 2021: stylised frames may differ as much as the film's own do.

    Args:
        second: y₂, (N, 3, H, W), RGB in [0, 1].
        moved: ŷ₁, (N, 3, H, W).
        seen: m, (N, 1, H, W), 0 or 1.
        second_features: (N, C, h, w).
        moved_features: (N, C, h, w).
        change: Δ, (N, 3, H, W).

    Returns:
        (N,).
    """
    dims = (1, 2, 3)
    mean = moved.mean(dim=(2, 3), keepdim=True)
    energy = (seen * (moved - mean).square()).sum(dim=dims).detach().clamp_min(1e-8)
    difference = second - moved
    warping = (seen * difference.square()).sum(dim=dims)
    frame_difference = (seen * (difference - change).square()).sum(dim=dims)
    in_pixels = (warping + _FRAME_DIFFERENCE * frame_difference) / energy
    return in_pixels + relative_error(second_features.float(), moved_features.float())
