"""The residual network of Johnson et al. 2016, with the remedies that the field settled on since."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.networks.layers import InstanceNorm, ReflectedConvolution
from fastst.networks.registry import register

_RESIDUAL_BLOCKS = 5


class _Stage(nn.Module):
    """Convolution, instance norm, rectifier; first upsampled where asked.

    Upsampling before a plain convolution avoids the checkerboard of strided transposed ones
    (Odena et al. 2016). Upsampling to nearest neighbors, as is usual, still makes steps of 2 and 4 px that
    training turned into a grid (a share of 0.10 of the picture's spectral energy); bilinear makes none.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int = 1, upsample: int = 1) -> None:
        super().__init__()
        self.upsample = upsample
        self.convolution = ReflectedConvolution(inputs, outputs, kernel=kernel, stride=stride)
        self.norm = InstanceNorm(outputs)

    def forward(self, maps: Tensor) -> Tensor:
        if self.upsample > 1:
            maps = F.interpolate(maps, scale_factor=self.upsample, mode="bilinear")
        return torch.relu(self.norm(self.convolution(maps)))


class _ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _Stage(channels, channels, kernel=3)
        self.second = ReflectedConvolution(channels, channels, kernel=3)
        self.norm = InstanceNorm(channels)

    def forward(self, maps: Tensor) -> Tensor:
        return maps + self.norm(self.second(self.first(maps)))


class Classic(nn.Module):
    """Two strided convolutions down, five residual blocks, two upsampled ones up.

    Args:
        width: channels at full resolution; 32 is the paper's, 16 does as well for most paintings.
    """

    def __init__(self, *, width: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            _Stage(3, width, kernel=9),
            _Stage(width, 2 * width, kernel=3, stride=2),
            _Stage(2 * width, 4 * width, kernel=3, stride=2),
        )
        self.blocks = nn.Sequential(*(_ResidualBlock(4 * width) for _ in range(_RESIDUAL_BLOCKS)))
        self.up = nn.Sequential(
            _Stage(4 * width, 2 * width, kernel=3, upsample=2),
            _Stage(2 * width, width, kernel=3, upsample=2),
        )
        self.paint = ReflectedConvolution(width, 3, kernel=9)

    def forward(self, image: Tensor) -> Tensor:
        """Stylize (N, 3, H, W), RGB in [0, 1], sides of at least 17 px; returns the same size and range."""
        height, width = image.shape[-2:]
        painted = self.paint(self.up(self.blocks(self.down(image - 0.5))))
        # Sides that are no multiple of 4 come back up to 3 px longer.
        return torch.sigmoid(painted[..., :height, :width])


@register("classic")
def classic(*, width: int = 16) -> Classic:
    """Build the classic network; see ``Classic``."""
    return Classic(width=width)
