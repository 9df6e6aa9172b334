"""Fields of smooth noise: what lets a network paint different strokes on equal pixels."""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor, nn

PERIOD = 512
# Origins are multiples of so many pixels of the picture, so that every field moves by whole positions.
NOISE_STEP = 4

# Whole numbers, or tensors (N,), one a picture.
Origin = tuple[int | Tensor, int | Tensor]


class NoiseField(nn.Module):
    """A fixed field of smooth noise that repeats every ``PERIOD`` positions, addressed by place.

    A convolutional network that is given a flat sky sees the same everywhere and can only hatch it. With
    noise beside the picture it can put a swirl here and none there, and the same picture always gets the
    same strokes. As a value depends on its place alone, tiles, batches and sizes agree.

    Attributes:
        origin: the place in the picture, (top, left) in pixels, that the maps begin at; whole numbers, or
            two tensors (N,), one a picture of the batch.

    Args:
        sigmas: of the Gaussian that smooths each channel, in positions; 0: white noise.
        seed: which noise.
        stride: pixels of the picture from one position to the next.
    """

    field: Tensor

    def __init__(self, sigmas: Sequence[float], *, seed: int, stride: int) -> None:
        super().__init__()
        self.channels = len(sigmas)
        self.stride = stride
        self.origin: Origin = (0, 0)
        self.register_buffer("field", _smooth_noise(tuple(sigmas), seed=seed), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Return the noise beside maps (N, C, H, W): (N, channels, H, W)."""
        height, width = maps.shape[-2:]
        rows, columns = (torch.arange(side, device=maps.device) for side in (height, width))
        top, left = (place // self.stride for place in self.origin)
        if isinstance(top, Tensor) and isinstance(left, Tensor):
            rows = (rows + top.to(maps.device)[:, None]) % PERIOD
            columns = (columns + left.to(maps.device)[:, None]) % PERIOD
            found = self.field[:, rows[:, :, None], columns[:, None, :]].transpose(0, 1)
        else:
            found = self.field.index_select(1, (rows + top) % PERIOD)
            found = found.index_select(2, (columns + left) % PERIOD).expand(maps.shape[0], -1, -1, -1)
        return found.to(maps.dtype)


def place_noise(network: nn.Module, origin: Origin) -> bool:
    """Let a network's noise begin at a place, (top, left) in multiples of ``NOISE_STEP`` px.

    Returns:
        Whether there is any.
    """
    fields = _fields(network)
    for field in fields:
        field.origin = origin
    return bool(fields)


def noise_of_seed(seed: int) -> tuple[int, int]:
    """Return the origin that a seed stands for; 0 is where trained networks begin."""
    generator = torch.Generator().manual_seed(seed)
    top, left = (NOISE_STEP * torch.randint(PERIOD, (2,), generator=generator)).tolist() if seed else (0, 0)
    return top, left


def place_tile(network: nn.Module, *, whole: nn.Module, top: int, left: int) -> None:
    """Let a network's noise begin where that of another does, which sees all of a picture, and further on.

    Args:
        network: what sees a tile of the picture.
        whole: the same network, whose noise begins at the picture's first pixel.
        top: the tile's first row, in multiples of ``NOISE_STEP`` px.
        left: its first column.
    """
    for field, other in zip(_fields(network), _fields(whole), strict=True):
        field.origin = (other.origin[0] + top, other.origin[1] + left)


def _fields(network: nn.Module) -> list[NoiseField]:
    return [module for module in network.modules() if isinstance(module, NoiseField)]


@cache
def _smooth_noise(sigmas: tuple[float, ...], *, seed: int) -> Tensor:
    """Return (channels, PERIOD, PERIOD) of unit variance, which wraps around at the borders.

    On the CPU, whatever device networks are built on: on torch's meta device the first of these operations
    would import its compiler, in 2 s.
    """
    generator = torch.Generator().manual_seed(seed)
    frequencies = torch.fft.fftfreq(PERIOD, device="cpu")
    distance = (frequencies[:, None].square() + frequencies[None].square()) * (2 * torch.pi**2)
    channels = []
    for sigma in sigmas:
        white = torch.randn(PERIOD, PERIOD, generator=generator, device="cpu")
        smooth = torch.fft.ifft2(torch.fft.fft2(white) * torch.exp(-distance * sigma**2)).real
        channels.append((smooth - smooth.mean()) / smooth.std())
    return torch.stack(channels)
