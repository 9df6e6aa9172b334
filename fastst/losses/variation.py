"""Total variation: the squared difference of neighbouring pixels (Johnson et al. 2016, section 3.2)."""

from torch import Tensor


def total_variation(image: Tensor, *, weight: float = 1.0) -> Tensor:
    """Return w_t · (Σ_c Σ_i<H Σ_j (x_{i+1,j,c} − x_{i,j,c})² + Σ_c Σ_i Σ_j<W (x_{i,j+1,c} − x_{i,j,c})²).

    Args:
        image: (N, C, H, W).
        weight: w_t.

    Returns:
        (N,), one loss a picture.
    """
    image = image.float()
    down = (image[:, :, 1:] - image[:, :, :-1]).square().sum(dim=(1, 2, 3))
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().sum(dim=(1, 2, 3))
    return weight * (down + right)
