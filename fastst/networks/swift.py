"""Swift: the network for live use, whose work is done at a quarter of the picture's resolution."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.networks.layers import InstanceNorm, ReflectedConvolution, UpsampleConvolution
from fastst.networks.registry import register

_FACTOR = 4


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


class Swift(nn.Module):
    """Squares of 4×4 pixels become channels, residual blocks work on those, upsample convolutions lead back.

    The classic network spends most of its time on 9×9 convolutions at full resolution. Here no convolution
    is at full resolution, and only two small ones are at half of it.

    Args:
        width: channels at a quarter of the resolution.
        half: channels at half of the resolution.
        blocks: residual blocks.
    """

    def __init__(self, *, width: int, half: int, blocks: int) -> None:
        super().__init__()
        self.gather = ReflectedConvolution(3 * _FACTOR**2, width, kernel=3)
        self.gather_norm = InstanceNorm(width)
        self.blocks = nn.Sequential(*(_Block(width) for _ in range(blocks)))
        self.to_half = UpsampleConvolution(width, half)
        self.half_norm = InstanceNorm(half)
        self.refine = ReflectedConvolution(half, half, kernel=3)
        self.refine_norm = InstanceNorm(half)
        self.paint = UpsampleConvolution(half, 3)

    def forward(self, image: Tensor) -> Tensor:
        """Stylize (N, 3, H, W), RGB in [0, 1], sides of at least 5 px; returns the same size and range."""
        height, width = image.shape[-2:]
        whole = F.pad(image - 0.5, (0, -width % _FACTOR, 0, -height % _FACTOR), mode="replicate")
        maps = torch.relu(self.gather_norm(self.gather(F.pixel_unshuffle(whole, _FACTOR))))
        maps = torch.relu(self.half_norm(self.to_half(self.blocks(maps))))
        maps = torch.relu(self.refine_norm(self.refine(maps)))
        painted = self.paint(maps)
        return torch.sigmoid(painted[..., :height, :width])


@register("swift")
def swift(*, width: int = 48, half: int = 16, blocks: int = 4) -> Swift:
    """Build the network for live use; see ``Swift``."""
    return Swift(width=width, half=half, blocks=blocks)
