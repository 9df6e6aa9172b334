"""Nearest style patches by normalized cross-correlation, found in blocks so that memory stays bounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

# Style patches are taken this sparsely at most; the number of products grows with the square of it.
_MOST_STYLE_PATCHES = 2048
# Floats in a block's patches and in its products, each: 16 MiB.
_BLOCK = 2**22


def sampling_stride(features: Tensor) -> int:
    """Return the least stride at which the style image's map (1, C, h, w) has at most 2048 patches."""
    height, width = features.shape[-2:]
    stride = 1
    while -(-height // stride) * -(-width // stride) > _MOST_STYLE_PATCHES:
        stride += 1
    return stride


@dataclass(frozen=True)
class Replacement:
    """What the nearest style patches put in a picture's place.

    Attributes:
        cover: Σ_i w_i over the patches i that lie on each position, (N, 1, H, W).
        sums: Σ_i w_i t_i, the replaced patches laid over one another, (N, C, H, W).
        energy: Σ_i w_i ‖t_i‖², of what lies inside the picture, (N,).
    """

    cover: Tensor
    sums: Tensor
    energy: Tensor


class _RelativeDistance(torch.autograd.Function):
    """D / E with E = Σ_q a‖F‖² + e and D = E − 2 Σ_q b·F, for cover a, sums b and energy e.

    Its gradient, (2 / E) · ((1 − D/E) · a F − b), is made with the value and is all that is kept: at
    1024 px each copy of the first layers' features takes a quarter of a GiB.
    """

    @staticmethod
    def forward(ctx: Any, features: Tensor, cover: Tensor, sums: Tensor, energy: Tensor) -> Tensor:
        gradient = cover * features
        total = (_inner(gradient, features) + energy).clamp_min(1e-8)
        quotient = 1 - 2 * _inner(sums, features) / total
        gradient.mul_(_beside_maps(1 - quotient)).sub_(sums).mul_(_beside_maps(2 / total))
        ctx.save_for_backward(gradient)
        return quotient

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return _beside_maps(grad) * gradient, None, None, None


def relative_distance(features: Tensor, wanted: Replacement) -> Tensor:
    """Return Σ_i w_i ‖x_i − t_i‖² / Σ_i w_i (‖x_i‖² + ‖t_i‖²), (N,), of patches x_i and what replaces them.

    Position by position it needs no patch: Σ_i w_i ‖x_i − t_i‖² = Σ_q a(q) ‖F(q)‖² − 2 Σ_q b(q)·F(q) + e
    with cover a, sums b and energy e, which are constants for the gradient.

    Args:
        features: F, (N, C, H, W).
        wanted: of the same size.
    """
    found: Tensor = _RelativeDistance.apply(features, wanted.cover, wanted.sums, wanted.energy)
    return found


def _inner(one: Tensor, other: Tensor) -> Tensor:
    """Return each picture's Σ_q one(q)·other(q), (N,), of (N, C, H, W), without a map of products."""
    return torch.einsum("nchw,nchw->n", one, other)


def _beside_maps(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)


class PatchMatcher:
    """The style image's square patches, to which those of other pictures are matched.

    Args:
        features: (1, C, h, w).
        weight_map: (1, 1, h, w); patches of under half the largest weight are left out. None: all stay.
        size: the patches' side in positions.
        stride: between neighboring style patches.
    """

    def __init__(self, features: Tensor, weight_map: Tensor | None, *, size: int, stride: int) -> None:
        self.size = size
        features = _padded(features, size, stride)
        patches = F.unfold(features, size, stride=stride)[0].T
        if weight_map is not None:
            weights = _patch_weights(_padded(weight_map.to(features), size, stride), size, stride).flatten()
            patches = patches[weights >= weights.max() / 2]
        self.patches = patches.contiguous()
        self.norms = self.patches.norm(dim=1).clamp_min(1e-8)

    @torch.no_grad()
    def replace(self, features: Tensor, weight_map: Tensor | None, *, stride: int) -> Replacement:
        """Find each patch's nearest style patch, argmax_j ⟨x_i, t_j⟩ / ‖t_j‖, and lay these over each other.

        The patches' weights w_i are the weight map's means over them and add up to 1 in each picture.

        Args:
            features: (N, C, H, W).
            weight_map: (1, 1, H, W), or None.
            stride: between neighboring patches; the last ones may hang over the edge, where the outermost
                values are repeated.
        """
        height, width = features.shape[-2:]
        weights = features.new_ones(1, 1, height, width) if weight_map is None else weight_map.to(features)
        weights = _patch_weights(_padded(weights, self.size, stride), self.size, stride)
        weights = weights / weights.sum(dim=(1, 2), keepdim=True).clamp_min(1e-12)
        found = [
            self._replace_one(picture[None], weight, stride)
            for picture, weight in zip(features, weights.expand(len(features), -1, -1), strict=True)
        ]
        # One picture, the usual case in which memory is short, is not copied.
        cover, sums, energy = (
            (maps[0] if len(maps) == 1 else torch.cat(maps))[..., :height, :width]
            for maps in zip(*found, strict=True)
        )
        return Replacement(cover, sums, energy.sum(dim=(1, 2, 3)))

    def _replace_one(self, features: Tensor, weights: Tensor, stride: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return cover, sums and energy position by position, the margin that was added included."""
        features = _padded(features, self.size, stride)
        sums = torch.zeros_like(features)
        cover, energy = torch.zeros_like(features[:, :1]), torch.zeros_like(features[:, :1])
        for first, last in self._bands(weights.shape):
            band_weights = weights[first:last].flatten()
            if not bool(band_weights.any()):
                continue
            rows = slice(first * stride, (last - 1) * stride + self.size)
            patches = F.unfold(features[..., rows, :], self.size, stride=stride)[0].T
            nearest = self.patches[(patches @ self.patches.T).div_(self.norms).argmax(dim=1)]
            area = (rows.stop - rows.start, features.shape[-1])
            energies = nearest.unflatten(1, (-1, self.size**2)).square().sum(dim=1)
            for laid, parts in ((sums, nearest), (cover, torch.ones_like(energies)), (energy, energies)):
                weighted = (band_weights[:, None] * parts).T[None]
                laid[..., rows, :] += F.fold(weighted, area, self.size, stride=stride)
        return cover, sums, energy

    def _bands(self, grid: torch.Size) -> Iterator[tuple[int, int]]:
        """Yield the first and last row of patches of each block."""
        rows, columns = grid
        height = max(1, _BLOCK // (columns * max(self.patches.shape)))
        for first in range(0, rows, height):
            yield first, min(rows, first + height)


def _padded(maps: Tensor, size: int, stride: int) -> Tensor:
    """Repeat the last row and column until patches of that size and stride cover everything."""
    missing = [max(size - side, 0) or -(side - size) % stride for side in maps.shape[-2:]]
    return F.pad(maps, (0, missing[1], 0, missing[0]), mode="replicate")


def _patch_weights(weights: Tensor, size: int, stride: int) -> Tensor:
    """Return each patch's mean weight, (N, rows, columns), of (N, 1, H, W)."""
    return F.avg_pool2d(weights, size, stride=stride)[:, 0]
