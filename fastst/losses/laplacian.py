"""The Laplacian loss, which keeps a photo's fine structure (Li et al. 2017, "Laplacian-Steered")."""

from torch import Tensor
from torch.nn import functional as F

from fastst.losses.statistic import relative_error, widened

_POOL = 4


def laplacian(image: Tensor) -> Tensor:
    """Return D(x): the picture averaged over 4×4 pixels, then filtered by [0 −1 0; −1 4 −1; 0 −1 0].

    The channels are added up, as in the paper (section 3); beyond the edge the outermost values repeat.

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


def laplacian_loss(stylised: Tensor, content_image: Tensor, *, weight: float = 1.0) -> Tensor:
    """Return w · ‖D(x) − D(c)‖² / (‖D(x)‖² + ‖D(c)‖²): a share of its own energy, in [0, 2w].

    Args:
        stylised: x, (N, 3, H, W).
        content_image: c, of the same shape.
        weight: w.

    Returns:
        (N,), one loss a picture.
    """
    return relative_error(laplacian(stylised), laplacian(content_image), weight=weight)
