"""The layers that style networks are made of: convolution, upsampling and instance normalization."""

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_KERNEL = 3

# Sums in single precision stay exact to 1e-5 over so many pixels; over a few millions they lose 1e-2.
_PIXELS_IN_A_SUM = 1 << 15


class UpsampleConvolution(nn.Module):
    """A 3×3 convolution of maps upsampled bilinearly to twice their sides, done without making them.

    A pixel of the upsampled maps mixes two neighbors a side with fixed shares, so the convolution of three
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


@cache
def _shares_in_the_plane() -> Tensor:
    """Return, as (9, 4 · 9), what each small pixel gives to each pixel under the kernel at each place.

    On the CPU, whatever device networks are built on: on torch's meta device the sum would import its
    compiler, in 2 s.
    """
    line = _shares_on_a_line()
    plane = torch.einsum("pyu,qxv->yxpquv", line, line)
    return plane.reshape(_KERNEL**2, 4 * _KERNEL**2)


def _shares_on_a_line() -> Tensor:
    """Return the same on a line, as (2 places, 3 pixels under the kernel, 3 small pixels).

    Bilinear upsampling puts pixel 2i at a quarter of the way from small pixel i to i - 1, and 2i + 1 at a
    quarter of the way from i to i + 1.
    """
    shares = torch.zeros(2, _KERNEL, _KERNEL, device="cpu")
    for place in range(2):
        for under in range(_KERNEL):
            small, odd = divmod(place + under - 1, 2)
            shares[place, under, 1 + small] += 0.75
            shares[place, under, 1 + small + (1 if odd else -1)] += 0.25
    return shares


class InstanceNorm(nn.Module):
    """Normalize each picture's channels to zero mean and unit variance, then scale and shift.

    After Ulyanov et al. 2016. torch's own instance norm copies channels-last maps into the contiguous layout
    and back; this one keeps them as they are. It is batch norm, picture by picture: in training its gradient
    is one fused pass, where that of the written-out formula is many (measured on a CPU at 4 × 64 × 48 × 48:
    9 ms against 38 ms forward and back).
    """

    def __init__(self, channels: int, *, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H, W)."""
        if torch.onnx.is_in_onnx_export() or torch.compiler.is_compiling():
            # One operator in the graph, which the runtimes and the compiler fuse.
            return F.instance_norm(maps, weight=self.weight, bias=self.bias, eps=self.epsilon)
        pictures = [self._normalise_one(picture) for picture in maps.split(1)]
        return pictures[0] if len(pictures) == 1 else torch.cat(pictures)

    def _normalise_one(self, maps: Tensor) -> Tensor:
        if maps.device.type == "cpu" and not torch.is_grad_enabled():
            mean, variance = mean_and_variance(maps)
            return F.batch_norm(maps, mean, variance, self.weight, self.bias, eps=self.epsilon)
        return F.batch_norm(maps, None, None, self.weight, self.bias, training=True, eps=self.epsilon)


def mean_and_variance(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and variance over a picture (1, C, H, W), as float32 (C,).

    Batch norm's sums are quick but lose precision over many pixels, and ``torch.var_mean`` is exact but
    seven times slower on channels-last maps (29 ms against 4 ms at 16 × 480 × 640, one core). So the sums
    run over strips of the picture, whose moments are then joined (Chan et al. 1979).
    """
    channels, height, width = maps.shape[1:]
    strips = maps.split(max(1, _PIXELS_IN_A_SUM // width), dim=2)
    moments = []
    for strip in strips:
        # Float32 statistics to update are what makes the sums float32 where the maps are bfloat16.
        running = torch.zeros(2, channels)
        moments.append(torch.stack(torch.batch_norm_update_stats(strip, running[0], running[1], 1.0)))
    means, variances = torch.stack(moments, dim=1)
    shares = torch.tensor([[strip.shape[2] / height] for strip in strips])
    mean = (shares * means).sum(dim=0)
    return mean, (shares * (variances + (means - mean) ** 2)).sum(dim=0)


class ReflectedConvolution(nn.Module):
    """A convolution with reflection padding: zeros at the border would be painted as a frame."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.padding = kernel // 2
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride), rounded up."""
        return self.convolution(F.pad(maps, (self.padding,) * 4, mode="reflect"))
