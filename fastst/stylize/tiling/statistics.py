"""Instance norm over a picture seen in tiles: the statistics of the whole, gathered layer by layer."""

import copy

import torch
from torch import Tensor, nn

from fastst.networks.layers import InstanceNorm, mean_and_variance
from fastst.networks.recolor import Recolored


class PictureNorm(nn.Module):
    """An instance norm whose statistics are given, because it sees only a tile at a time.

    Until they are given, a run of the network stops here; see ``run_to_next_norm``.
    """

    def __init__(self, norm: InstanceNorm) -> None:
        super().__init__()
        self.weight, self.bias, self.epsilon = norm.weight, norm.bias, norm.epsilon
        self._scale_and_shift: tuple[Tensor, Tensor] | None = None

    def give(self, mean: Tensor, variance: Tensor) -> None:
        """Normalize with this mean and variance, (C,), from now on."""
        weight, bias = self.weight.double().cpu(), self.bias.double().cpu()
        scale = weight * torch.rsqrt(variance.double() + self.epsilon)
        shift = bias - mean.double() * scale
        self._scale_and_shift = scale.to(self.weight)[:, None, None], shift.to(self.bias)[:, None, None]

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H, W)."""
        if self._scale_and_shift is None:
            raise _Stopped(self, maps)
        scale, shift = self._scale_and_shift
        # In mixed precision the sum comes out in float32, and would take twice the memory from here on.
        return torch.addcmul(shift, maps, scale).to(maps.dtype)


class _Stopped(Exception):
    def __init__(self, norm: PictureNorm, maps: Tensor) -> None:
        super().__init__()
        self.norm, self.maps = norm, maps


def with_picture_norms(network: nn.Module) -> nn.Module:
    """A copy of the network in which every ``InstanceNorm`` is a ``PictureNorm`` without statistics.

    What recolors is left out: tiles are recolored by the statistics of the picture before they get there.
    """
    copied = copy.deepcopy(network.network if isinstance(network, Recolored) else network)
    for module in list(copied.modules()):
        for name, child in module.named_children():
            if isinstance(child, InstanceNorm):
                setattr(module, name, PictureNorm(child))
    return copied


def run_to_next_norm(network: nn.Module, image: Tensor) -> tuple[PictureNorm | None, Tensor]:
    """Run the network up to its first norm without statistics.

    Args:
        network: from ``with_picture_norms``.
        image: (1, 3, H, W).

    Returns:
        That norm and the maps (1, C, h, w) that reached it; or None and the network's output, if every
        norm has its statistics.
    """
    try:
        return None, network(image)
    except _Stopped as stopped:
        return stopped.norm, stopped.maps


class Moments:
    """Mean and variance of channels that come in parts, in double precision.

    Two parts are joined as in Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for
    Computing Sample Variances" (1979), which loses no digits where the mean is large.
    """

    def __init__(self, channels: int) -> None:
        self.count = 0
        self.mean = torch.zeros(channels, dtype=torch.double)
        self._squares = torch.zeros(channels, dtype=torch.double)

    def add(self, maps: Tensor) -> None:
        """Take in maps (1, C, H, W)."""
        if maps.device.type == "cpu":
            mean, variance = (part.double() for part in mean_and_variance(maps))
        else:
            moments = torch.var_mean(maps.float(), dim=(0, 2, 3), correction=0)
            variance, mean = (part.double().cpu() for part in moments)
        count = maps.shape[-2] * maps.shape[-1]
        total = self.count + count
        apart = mean - self.mean
        self._squares += variance * count + apart.square() * (self.count * count / total)
        self.mean += apart * (count / total)
        self.count = total

    @property
    def variance(self) -> Tensor:
        """The population's variance, (C,)."""
        return self._squares / self.count
