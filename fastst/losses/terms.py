"""The objective's terms besides style: content, variation, the Laplacian, and the temporal loss."""

from torch import Tensor
from torch.nn import functional as F

from fastst.losses.statistics.base import relative_error, widened

_POOL = 4

_FRAME_DIFFERENCE = 0.1


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """Return the content loss, Σ_ij (F_ij − P_ij)², for each picture (Gatys et al. 2015, equation 1).

    Args:
        features: F, the current picture's feature maps at one deep layer, (N, C, H, W).
        target: P, the content image's feature maps at the same layer, (N, C, H, W).

    Returns:
        (N,), one loss a picture.
    """
    return (features.float() - target.float()).square().sum(dim=(1, 2, 3))


def total_variation(image: Tensor) -> Tensor:
    """Return Σ_c Σ_i<H Σ_j (x_{i+1,j,c} − x_{i,j,c})² + Σ_c Σ_i Σ_j<W (x_{i,j+1,c} − x_{i,j,c})².

    The squared difference of neighboring pixels (Johnson et al. 2016, section 3.2).

    Args:
        image: (N, C, H, W).

    Returns:
        (N,), one loss a picture.
    """
    image = image.float()
    down = (image[:, :, 1:] - image[:, :, :-1]).square().sum(dim=(1, 2, 3))
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().sum(dim=(1, 2, 3))
    return down + right


def laplacian(image: Tensor) -> Tensor:
    """Return D(x): the picture averaged over 4×4 pixels, then filtered by [0 −1 0; −1 4 −1; 0 −1 0].

    It keeps a photo's fine structure (Li et al. 2017, "Laplacian-Steered"). The channels are added up, as in
    the paper (section 3); beyond the edge the outermost values repeat.

    Args:
        image: (N, 3, H, W); of a side under 4 px the average is over all of it.

    Returns:
        (N, 1, ⌊H / 4⌋, ⌊W / 4⌋).
    """
    size = [min(_POOL, side) for side in image.shape[-2:]]
    pooled = F.avg_pool2d(widened(image).sum(dim=1, keepdim=True), size)
    around = F.pad(pooled, (1, 1, 1, 1), mode="replicate")
    vertical = around[..., :-2, 1:-1] + around[..., 2:, 1:-1]
    horizontal = around[..., 1:-1, :-2] + around[..., 1:-1, 2:]
    return 4 * pooled - vertical - horizontal


def laplacian_loss(stylized: Tensor, content_image: Tensor, *, weight: float = 1.0) -> Tensor:
    """Return w · ‖D(x) − D(c)‖² / (‖D(x)‖² + ‖D(c)‖²): a share of its own energy, in [0, 2w].

    Args:
        stylized: x, (N, 3, H, W).
        content_image: c, of the same shape.
        weight: w.

    Returns:
        (N,), one loss a picture.
    """
    return relative_error(laplacian(stylized), laplacian(content_image), weight=weight)


def temporal_loss(
    second: Tensor,
    moved: Tensor,
    *,
    seen: Tensor,
    second_features: Tensor,
    moved_features: Tensor,
    change: Tensor,
) -> Tensor:
    """Return each pair's temporal loss, without units: shares of the stylized frames' own energy.

    What moves in the stylized video must be what moved before the camera, and nothing else.

    With y₂ the second stylized frame, ŷ₁ the first one moved as the scene did, m the pixels that both show,
    F their features, and Δ the change that the camera saw where nothing was meant to change (noise, blur,
    exposure),

        ‖m·(y₂ − ŷ₁)‖² / ‖m·(ŷ₁ − mean)‖² + ‖F(y₂) − F(ŷ₁)‖² / (‖F(y₂)‖² + ‖F(ŷ₁)‖²)
          + 0.1 · ‖m·((y₂ − ŷ₁) − Δ)‖² / ‖m·(ŷ₁ − mean)‖²

    The first two are the warping loss of Gupta et al. 2017 in pixels and in features. The third is the
    frame difference of Xu et al. 2021: stylized frames may differ as much as the video's own do.

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
