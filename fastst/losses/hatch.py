"""The hatch: what is periodic with 2 to 8 px in a picture, and is not in the painting."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.images.colors import luminance
from fastst.images.spectra import TILE, fine_frequencies, hann_window, peaks

_HOP = 32
# Spectra are averaged over so many tiles a side, so that the peaks of grain, by chance, are low.
_NEIGHBOURS = 3
_TIMES = 4.0


class Hatch:
    """2 Σ_f max(0, p_x(f) − p_s(f)) / Σ_f (S(f) + X(f)): on spectra, after Liu, Gousseau and Xia 2016.

    S and X are the mean power spectra of painting and picture, of tiles of 64 px; p are peaks of spectra,
    what rises to more than four times its surroundings, of the picture in one place (x, the mean over all
    places is taken) and of all of the painting (s); f are the frequencies of 2 to 8 px. It lies between 0
    and 2. Gram matrices do not say where features lie, so a network satisfies them most cheaply by one
    pattern that it repeats; to this term that is a peak, where the painting's strokes of the same energy are
    none.

    Args:
        paintings: each (1, 3, h, w), RGB in [0, 1]; what one of them has is allowed. Those of a side under
            64 px have no spectrum; if that is all of them, the term is 0.
    """

    def __init__(self, *paintings: Tensor) -> None:
        device = paintings[0].device
        self._window, self._fine = hann_window().to(device), fine_frequencies().to(device)
        large = [painting for painting in paintings if min(painting.shape[-2:]) >= TILE]
        self._judges = bool(large)
        if large:
            power = torch.cat([self._spectra(painting).mean(dim=(1, 2)) for painting in large])
            self._allowed = peaks(power, _TIMES).amax(dim=0)
            self._energy = power[:, self._fine].sum(dim=1).mean().clamp_min(1e-8)

    def __call__(self, image: Tensor) -> Tensor:
        """Return each picture's term, (N,), of (N, 3, H, W), RGB in [0, 1]; 0 for sides under 64 px."""
        if not self._judges or min(image.shape[-2:]) < TILE:
            return image.new_zeros(len(image), dtype=torch.float32)
        power = self._spectra(image)
        rows, columns = power.shape[1:3]
        sides = [min(_NEIGHBOURS, rows), min(_NEIGHBOURS, columns)]
        around = F.avg_pool2d(power.permute(0, 3, 4, 1, 2).flatten(1, 2), sides, stride=1)
        places = around.flatten(2).transpose(1, 2).unflatten(2, (TILE, TILE))
        found = peaks(places.flatten(0, 1), _TIMES).view_as(places) - self._allowed
        energy = self._energy + places[..., self._fine].sum(dim=-1).mean(dim=1)
        return 2 * found.clamp_min(0)[..., self._fine].sum(dim=-1).mean(dim=1) / energy

    def _spectra(self, image: Tensor) -> Tensor:
        """Return the power spectra of the tiles of (N, 3, H, W): (N, rows, columns, TILE, TILE)."""
        # Close to L*, and cheap.
        luma = luminance(image.float())[:, 0]
        tiles = luma.unfold(1, TILE, _HOP).unfold(2, TILE, _HOP)
        mean = (tiles * self._window).sum(dim=(-1, -2), keepdim=True) / self._window.sum()
        spectra = torch.fft.fft2((tiles - mean) * self._window)
        return spectra.real.square() + spectra.imag.square()
