"""Total variation: the squared difference of neighbouring pixels (Johnson et al. 2016, section 3.2)."""

from torch import Tensor


def total_variation(image: Tensor) -> Tensor:
    """Return Σ_c Σ_i<H Σ_j (x_{i+1,j,c} − x_{i,j,c})² + Σ_c Σ_i Σ_j<W (x_{i,j+1,c} − x_{i,j,c})².

    Args:
        image: (N, C, H, W).

    Returns:
        (N,), one loss a picture.
    """
    image = image.float()
    down = (image[:, :, 1:] - image[:, :, :-1]).square().sum(dim=(1, 2, 3))
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().sum(dim=(1, 2, 3))
    return down + right
