"""The palette: which colors there are, and how many pixels have each, wherever they are."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.images.masks import resized_by_area
from fastst.losses.statistics.base import weighted_mean, weighted_positions
from fastst.losses.statistics.quantiles import QuantileFunctions

_DIRECTIONS = 16
_SEED = 0


class Palette:
    """Σ_v W²(v·x, v·s) / Σ_v Var(v·s): the sliced Wasserstein distance of pixels (Bonneel et al. 2015).

    x and s are the RGB pixels of picture and painting, averaged over 2×2, which single specks do not move;
    v are 16 fixed unit directions, along each of which the squared distance W² is exact by sorting. It is a
    share of the painting's own spread.

    Args:
        painting: (1, 3, h, w), RGB in [0, 1].
        mask: (1, 1, any, any), where in the painting; None: everywhere.
        weight: multiplies the term.
    """

    def __init__(self, painting: Tensor, mask: Tensor | None = None, *, weight: float = 1.0) -> None:
        generator = torch.Generator().manual_seed(_SEED)
        directions = torch.randn(_DIRECTIONS, 3, generator=generator, dtype=torch.float64)
        self.directions = F.normalize(directions, dim=1).to(painting)
        self.weight = weight
        with torch.autocast(painting.device.type, enabled=False):
            columns, shares = _columns(painting, mask)
            along = self.directions @ columns
            self._quantiles = QuantileFunctions(along, None if mask is None else shares)
            spread = (shares * (along - weighted_mean(along, shares)).square()).sum()
        self._spread = spread.clamp_min(1e-8)

    def __call__(self, image: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return each picture's term, (N,), of (N, 3, H, W), within a mask (1, 1, H, W) if there is one."""
        with torch.autocast(image.device.type, enabled=False):
            columns, shares = _columns(image.float(), mask)
            along = self.directions @ columns
            distance, _ = self._quantiles.transport(along, None if mask is None else shares)
        return self.weight * distance / self._spread


def _columns(image: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    pooled = F.avg_pool2d(image, [min(2, side) for side in image.shape[-2:]])
    weights = None if mask is None else resized_by_area(mask, (pooled.shape[-2], pooled.shape[-1]))
    return weighted_positions(pooled, weights)
