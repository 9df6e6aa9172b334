"""Color spaces: CIELAB for measuring, and luminance for keeping a photo's own colors."""

import torch
from torch import Tensor

# Linear sRGB to CIE XYZ under D65, IEC 61966-2-1.
_RGB_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_LUMINANCE = (0.299, 0.587, 0.114)
_LAB_KNEE = 6 / 29


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """CIELAB under the D65 white of sRGB itself, so that grays have a* = b* = 0. Differentiable.

    Args:
        rgb: (..., 3, H, W), sRGB in [0, 1].

    Returns:
        (..., 3, H, W): L* in [0, 100], a* and b* roughly in [-128, 128].
    """
    to_xyz = torch.tensor(_RGB_TO_XYZ, dtype=rgb.dtype, device=rgb.device)
    to_xyz = to_xyz / to_xyz.sum(dim=1, keepdim=True)
    xyz = torch.einsum("ij,...jhw->...ihw", to_xyz, _linear(rgb))
    x, y, z = _lab_curve(xyz).unbind(dim=-3)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), dim=-3)


def _linear(rgb: Tensor) -> Tensor:
    # The clamp keeps the gradient of the branch not taken finite, as where() lets its NaN through.
    curved = ((rgb.clamp(min=0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(rgb <= 0.04045, rgb / 12.92, curved)


def _lab_curve(ratio: Tensor) -> Tensor:
    cube_root = ratio.clamp(min=_LAB_KNEE**3) ** (1 / 3)
    return torch.where(ratio > _LAB_KNEE**3, cube_root, ratio / (3 * _LAB_KNEE**2) + 4 / 29)


def luminance(rgb: Tensor) -> Tensor:
    """BT.601 luma, 0.299 R + 0.587 G + 0.114 B: (..., 3, H, W) in [0, 1] to (..., 1, H, W)."""
    weights = torch.tensor(_LUMINANCE, dtype=rgb.dtype, device=rgb.device).view(3, 1, 1)
    return (rgb * weights).sum(dim=-3, keepdim=True)


def keep_colors(stylized: Tensor, content: Tensor) -> Tensor:
    """The luminance of the stylized picture with the colors of the photo.

    Luminance-only transfer of Gatys et al., "Preserving Color in Neural Artistic Style Transfer"
    (2016): in BT.601 YIQ, take Y from the stylized and I and Q from the photo. As Y enters R, G and
    B alike, that is the photo plus the difference in Y.

    Args:
        stylized: (..., 3, H, W), RGB in [0, 1].
        content: the photo, of the same shape.

    Returns:
        The same shape, clamped to [0, 1].
    """
    return (content + luminance(stylized) - luminance(content)).clamp(0, 1)
