"""Enlarge by two and convolve, at the price of a convolution at the smaller size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_KERNEL = 3


class EnlargedConvolution(nn.Module):
    """A 3×3 convolution of maps that were enlarged bilinearly to twice their sides, done without enlarging.

    A pixel of the enlarged maps mixes two neighbours a side with fixed shares, so the convolution of three
    such pixels is a convolution of three pixels of the small maps, with a kernel of its own for each of the
    four places that a small pixel becomes: one convolution to four times the channels, which are then
    shuffled into pixels (Shi et al. 2016). The outcome is the same to rounding, the border repeated outwards
    included, and neither the many channels nor the convolution ever meet the larger size.

    What is learned is the kernel at the larger size, so no grid can be learned: to shuffle channels that are
    free costs the same, and even when it began without a grid (ICNR, Aitken et al. 2017) training found
    that one pleases the loss network, and put 8 % of the picture's energy there.
    """

    shares: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, _KERNEL)
        self.register_buffer("shares", _shares_in_the_plane(), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, 2H, 2W)."""
        weight, bias = self.convolution.weight, self.convolution.bias
        assert bias is not None
        outputs, inputs = weight.shape[:2]
        kernels = weight.flatten(2).to(self.shares.dtype) @ self.shares
        kernels = kernels.view(outputs, inputs, 4, _KERNEL, _KERNEL).transpose(1, 2).flatten(0, 1)
        padded = F.pad(maps, (1, 1, 1, 1), mode="replicate")
        return F.pixel_shuffle(F.conv2d(padded, kernels, bias.repeat_interleave(4)), 2)


def _shares_in_the_plane() -> Tensor:
    """Return, as (9, 4 · 9), what each small pixel gives to each pixel under the kernel at each place."""
    line = _shares_on_a_line()
    plane = torch.einsum("pyu,qxv->yxpquv", line, line)
    return plane.reshape(_KERNEL**2, 4 * _KERNEL**2)


def _shares_on_a_line() -> Tensor:
    """Return the same on a line, as (2 places, 3 pixels under the kernel, 3 small pixels).

    Bilinear enlargement puts pixel 2i at a quarter of the way from small pixel i to i - 1, and 2i + 1 at a
    quarter of the way from i to i + 1.
    """
    shares = torch.zeros(2, _KERNEL, _KERNEL)
    for place in range(2):
        for under in range(_KERNEL):
            small, odd = divmod(place + under - 1, 2)
            shares[place, under, 1 + small] += 0.75
            shares[place, under, 1 + small + (1 if odd else -1)] += 0.25
    return shares
