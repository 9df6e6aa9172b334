"""What tiling must know of a network, found by trying it: how far it sees, and where tiles may begin."""

from dataclasses import dataclass

import torch
from torch import nn

from fastst.errors import FaststError
from fastst.stylize.tiling.statistics import PictureNorm, with_picture_norms

_PROBE_WIDTH = 32
_PROBE_LENGTHS = (256, 1024, 4096)


@dataclass(frozen=True)
class Geometry:
    """How a network may be cut into tiles.

    Attributes:
        reach: how many pixels to each side a pixel of the output depends on.
        alignment: tiles begin at multiples of this many pixels, the largest stride in the network.
    """

    reach: int
    alignment: int

    @property
    def halo(self) -> int:
        """The receptive field's reach to a side, rounded up to the alignment."""
        return -(-self.reach // self.alignment) * self.alignment


def measure_geometry(network: nn.Module) -> Geometry:
    """Find out how a network may be cut into tiles, by trying it.

    The reach is where the gradient of one aligned block of the output is not zero, in a copy whose weights
    are all positive, so that nothing cancels, and whose instance norms only scale, since their statistics
    are gathered apart from the tiles. Kernels are taken to be square.

    Raises:
        FaststError: if a pixel of the output depends on the whole picture in spite of that.
    """
    probe = _positive_copy(network)
    alignment = _largest_stride(probe)
    return Geometry(reach=_reach(probe, alignment), alignment=alignment)


def _positive_copy(network: nn.Module) -> nn.Module:
    probe = with_picture_norms(network).cpu().double().eval()
    with torch.no_grad():
        for name, parameter in probe.named_parameters():
            # Each output the mean of its inputs: positive, and no larger however many layers there are.
            parameter.fill_(0.0 if name.endswith("bias") else len(parameter) / parameter.numel())
    for module in probe.modules():
        if isinstance(module, PictureNorm):
            # Small branches, so that a row of residual blocks does not saturate what comes after it.
            module.give(torch.zeros(len(module.weight)), torch.full((len(module.weight),), 1e4))
    return probe


def _largest_stride(probe: nn.Module) -> int:
    sides: list[int] = []
    hooks = [
        module.register_forward_hook(lambda _module, _inputs, maps: sides.append(maps.shape[-1]))
        for module in probe.modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.no_grad():
        probe(torch.ones(1, 3, _PROBE_WIDTH, _PROBE_WIDTH, dtype=torch.double))
    for hook in hooks:
        hook.remove()
    return max((_PROBE_WIDTH // side for side in sides), default=1)


def _reach(probe: nn.Module, alignment: int) -> int:
    for length in _PROBE_LENGTHS:
        image = torch.ones(1, 3, length, _PROBE_WIDTH, dtype=torch.double, requires_grad=True)
        first = length // 2 // alignment * alignment
        block = probe(image)[..., first : first + alignment, :]
        (gradient,) = torch.autograd.grad(block.sum(), image)
        seen = gradient.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
        top, bottom = int(seen[0]), int(seen[-1])
        if top > 0 and bottom < length - 1:
            return max(first - top, bottom - (first + alignment - 1))
    raise FaststError(
        f"the network sees more than {_PROBE_LENGTHS[-1] // 2} px around, so it cannot work in tiles; "
        "give a smaller size"
    )
