"""Small networks and pictures for the tests of tiling."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.networks import build
from fastst.networks.layers import InstanceNorm

_SMALL = {
    "classic": {"width": 2},
    "swift": {"width": 8, "half": 4, "blocks": 2},
    "brush-wide": {"width": 8, "half": 4, "blocks": 2, "full": 4},
}


class Shuffled(nn.Module):
    """Unshuffle by 4, a residual block, shuffle by 4: another layout than that of the classic network."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(48, 8, 3, padding=1, padding_mode="reflect")
        self.block = nn.Conv2d(8, 8, 3, padding=1, padding_mode="reflect")
        self.norms = nn.ModuleList([InstanceNorm(8), InstanceNorm(8)])
        self.leave = nn.Conv2d(8, 48, 3, padding=1, padding_mode="reflect")

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        padded = F.pad(image, (0, -width % 4, 0, -height % 4), mode="replicate")
        maps = torch.relu(self.norms[0](self.enter(F.pixel_unshuffle(padded, 4))))
        maps = maps + self.norms[1](self.block(maps))
        return torch.sigmoid(F.pixel_shuffle(self.leave(maps), 4))[..., :height, :width]


def small_network(architecture: str) -> nn.Module:
    """A network with random weights whose norms matter."""
    torch.manual_seed(0)
    network = Shuffled() if architecture == "shuffled" else build(architecture, **_SMALL[architecture])
    for module in network.modules():
        if isinstance(module, InstanceNorm):
            nn.init.normal_(module.weight, 1.0, 0.3)
            nn.init.normal_(module.bias, 0.0, 0.3)
    return network.eval()


def photo(width: int, height: int) -> Image.Image:
    """Blobs and a ramp: its left differs from its right, and its top from its bottom."""
    generator = np.random.default_rng(3)
    blobs = Image.fromarray(generator.integers(0, 256, (height // 12 + 2, width // 12 + 2, 3), np.uint8))
    picture = np.asarray(blobs.resize((width, height), Image.Resampling.BICUBIC)).astype(float)
    ramp = np.linspace(0, 1, width)[None, :, None] * np.linspace(1, 0.3, height)[:, None, None]
    return Image.fromarray((picture * (0.2 + 0.8 * ramp)).round().astype(np.uint8))
