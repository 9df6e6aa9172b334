"""Muon: momentum whose steps are made orthogonal, for the kernels of convolutions."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

_ITERATIONS = 5
# Of a quintic that takes singular values from (0, 1] to about 1, as fast as can be (Jordan et al. 2024).
_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.Optimizer):
    """Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024), for 4-d kernels.

    A kernel (outputs, inputs, height, width) is read as a matrix of one row an output. Its gradient with
    Nesterov momentum is replaced by the nearest orthogonal matrix, so that rare directions are learned as
    fast as common ones, and scaled by 0.2 · √max(rows, columns): the size that Adam's steps have, whose
    learning rates then serve (Liu et al. 2025). ``torch.optim.Muon`` does the same, but takes matrices alone.

    Args:
        kernels: parameters of four dimensions.
        lr: the learning rate.
        momentum: of the gradient's running sum.
    """

    def __init__(self, kernels: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95) -> None:
        super().__init__(kernels, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Take one step; kernels of one shape are made orthogonal together."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            by_shape: dict[tuple[int, int], list[nn.Parameter]] = {}
            for kernel in group["params"]:
                if kernel.grad is not None:
                    rows = len(kernel)
                    by_shape.setdefault((rows, kernel.numel() // rows), []).append(kernel)
            for shape, kernels in by_shape.items():
                wanted = [self._with_momentum(kernel, group["momentum"]) for kernel in kernels]
                steps = orthogonal(torch.stack([gradient.reshape(shape) for gradient in wanted]))
                size = group["lr"] * 0.2 * max(shape) ** 0.5
                for kernel, step in zip(kernels, steps, strict=True):
                    kernel.sub_(step.reshape(kernel.shape), alpha=size)

    def _with_momentum(self, kernel: nn.Parameter, momentum: float) -> Tensor:
        state: dict[str, Any] = self.state[kernel]
        assert kernel.grad is not None
        if not state:
            state["momentum"] = torch.zeros_like(kernel)
        running: Tensor = state["momentum"].mul_(momentum).add_(kernel.grad)
        return kernel.grad.add(running, alpha=momentum)


def orthogonal(matrices: Tensor) -> Tensor:
    """Return matrices (N, R, C) with their singular values moved to about 1 (0.7 to 1.2), in float32.

    By a quintic Newton–Schulz iteration, which needs products alone.
    """
    with torch.autocast(matrices.device.type, enabled=False):
        tall = matrices.shape[1] > matrices.shape[2]
        found = matrices.float()
        found = found.mT if tall else found
        found = found / (found.norm(dim=(1, 2), keepdim=True) + 1e-7)
        first, third, fifth = _COEFFICIENTS
        for _ in range(_ITERATIONS):
            square = found @ found.mT
            found = first * found + (third * square + fifth * square @ square) @ found
        return found.mT if tall else found


def split_kernels(network: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Return a network's kernels of convolutions, and its other weights."""
    weights = list(network.parameters())
    return [each for each in weights if each.dim() == 4], [each for each in weights if each.dim() != 4]
