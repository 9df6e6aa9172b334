"""Brush: a network that paints strokes onto the recolored, blurred photo."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.networks.layers import InstanceNorm, ReflectedConvolution, UpsampleConvolution
from fastst.networks.noise import NoiseField
from fastst.networks.recolor import Recolored
from fastst.networks.registry import register

_FACTOR = 4
_NOISE = 0.3
# Of the Gaussians that smooth the noise, in positions at a quarter, a half and all of the resolution.
_QUARTER_SIGMAS, _HALF_SIGMAS, _FULL_SIGMAS = (0, 1, 2, 4, 8), (0, 1, 2), (0, 1)
# The photo's share of the output is kept off 0 and 1, whose logits are infinite.
_DARKEST, _BRIGHTEST = 0.03, 0.97


class _Block(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ReflectedConvolution(channels, channels, kernel=3)
        self.first_norm = InstanceNorm(channels)
        self.second = ReflectedConvolution(channels, channels, kernel=3)
        self.second_norm = InstanceNorm(channels)

    def forward(self, maps: Tensor) -> Tensor:
        within = torch.relu(self.first_norm(self.first(maps)))
        return maps + self.second_norm(self.second(within))


class Brush(nn.Module):
    """Swift's work at a quarter of the resolution, with noise, and with a blurred photo to paint on.

    It is given the photo in the painting's colors (``Recolored``). Blurred, that goes to the output past
    the network, in logits, which adds the strokes: so it need not learn to give the photo back, and no
    detail of the photo leaks through. Fields of noise beside the maps let it paint what repeats nowhere.

    Args:
        width: channels at a quarter of the resolution.
        half: channels at half of the resolution.
        blocks: residual blocks.
        full: channels of a last stage at full resolution; 0: none.
    """

    def __init__(self, *, width: int, half: int, blocks: int, full: int) -> None:
        super().__init__()
        self.quarter_noise = NoiseField(_QUARTER_SIGMAS, seed=7, stride=4)
        self.half_noise = NoiseField(_HALF_SIGMAS, seed=11, stride=2)
        self.gather = ReflectedConvolution(3 * _FACTOR**2 + len(_QUARTER_SIGMAS), width, kernel=3)
        self.gather_norm = InstanceNorm(width)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(blocks)))
        self.to_half = UpsampleConvolution(width, half)
        self.half_norm = InstanceNorm(half)
        self.refine = ReflectedConvolution(half + len(_HALF_SIGMAS), half, kernel=3)
        self.refine_norm = InstanceNorm(half)
        self.paint = UpsampleConvolution(half + 3, 3)
        _begin_with_the_photo(self.paint)
        if full:
            self.full_noise = NoiseField(_FULL_SIGMAS, seed=13, stride=1)
            self.to_full = UpsampleConvolution(half, full)
            self.full_norm = InstanceNorm(full)
            self.finish = ReflectedConvolution(full + len(_FULL_SIGMAS), 3, kernel=3)
        self.full = full

    def forward(self, image: Tensor) -> Tensor:
        """Stylize (N, 3, H, W), RGB in [0, 1], sides of at least 8 px; returns the same size and range."""
        height, width = image.shape[-2:]
        whole = F.pad(image, (0, -width % _FACTOR, 0, -height % _FACTOR), mode="replicate")
        squares = F.pixel_unshuffle(whole - 0.5, _FACTOR)
        noise = _NOISE * self.quarter_noise(squares)
        maps = torch.relu(self.gather_norm(self.gather(torch.cat([squares, noise], dim=1))))
        maps = torch.relu(self.half_norm(self.to_half(self.blocks(maps))))
        noise = _NOISE * self.half_noise(maps)
        maps = torch.relu(self.refine_norm(self.refine(torch.cat([maps, noise], dim=1))))
        painted = self.paint(torch.cat([maps, _blurred_logits(whole).to(maps.dtype)], dim=1))
        if self.full:
            last = torch.relu(self.full_norm(self.to_full(maps)))
            noise = _NOISE * self.full_noise(last)
            painted = painted + self.finish(torch.cat([last, noise], dim=1))
        return torch.sigmoid(painted[..., :height, :width])

    @torch.no_grad()
    def scale_logits(self, gain: float, *, about: Tensor) -> None:
        """Multiply the output's logits by a gain, in place, about those of a color: (3,), within (0, 1)."""
        last = [self.paint.convolution, self.finish] if self.full else [self.paint.convolution]
        for weight in (each for convolution in last for each in convolution.parameters()):
            weight.mul_(gain)
        bias = self.paint.convolution.bias
        assert bias is not None
        bias.add_((1 - gain) * torch.logit(about))


def _blurred_logits(image: Tensor) -> Tensor:
    """Return the logits of a picture, blurred by some 4 px, at half of its resolution."""
    small = F.avg_pool2d(image, _FACTOR)
    small = F.avg_pool2d(F.pad(small, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    small = torch.logit(small.clamp(_DARKEST, _BRIGHTEST))
    return F.interpolate(small, scale_factor=2, mode="bilinear")


def _begin_with_the_photo(paint: UpsampleConvolution) -> None:
    """Let the untrained network give the blurred photo back, and little else."""
    with torch.no_grad():
        weight = paint.convolution.weight.mul_(0.1)
        weight[:, -3:] = 0
        for channel in range(3):
            weight[channel, channel - 3, 1, 1] = 1.0


@register("brush")
def brush(*, width: int = 48, half: int = 16, blocks: int = 4) -> Recolored:
    """Build the network for live use; see ``Brush``."""
    return Recolored(Brush(width=width, half=half, blocks=blocks, full=0))


@register("brush-wide")
def brush_wide(*, width: int = 96, half: int = 32, blocks: int = 5, full: int = 8) -> Recolored:
    """Build the network for pictures, twice as wide and with a stage at full resolution; see ``Brush``."""
    return Recolored(Brush(width=width, half=half, blocks=blocks, full=full))
