"""How the weights move: the learning rate's schedule, their moving average, and the arithmetic."""

import copy
import math

import torch
from torch import nn

from fastst.engines.hardware import multiplies_in_bf16
from fastst.errors import UsageError
from fastst.training.muon import Muon, split_kernels


class EMA:
    """Keeps an exponential moving average of a network's parameters in a copy of it.

    It is steadier than the last step's weights (Polyak & Juditsky 1992).
    """

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, *, step: int) -> None:
        """Take in the weights after ``step`` steps; early steps weigh more, as there is less to remember."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for average, current in zip(self.network.parameters(), network.parameters(), strict=True):
            average.lerp_(current, 1 - decay)


def learning_rate(*, step: int, progress: float, peak: float, warm_up: int) -> float:
    """Return the rate of one step: a linear warm-up, then half a cosine down to a hundredth.

    Args:
        step: steps done before this one.
        progress: the share of the training that is done, in [0, 1], of steps or of minutes,
            whichever is further, so that a training cut by the clock still ends on a low rate.
        peak: the highest rate.
        warm_up: steps until the peak.
    """
    warmth = min(1.0, (step + 1) / (warm_up + 1))
    cosine = 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    return peak * warmth * (0.01 + 0.99 * cosine)


def choose_precision(asked: str) -> str:
    """Return accelerate's name for the precision: "no" (fp32), "bf16" or "fp16".

    ``auto`` is bf16 where the hardware multiplies in it.

    Raises:
        UsageError: if fp16 is asked for without a GPU.
    """
    if asked == "fp16" and not torch.cuda.is_available():
        raise UsageError("precision fp16 needs a CUDA GPU; leave it out, or give fp32")
    if asked != "auto":
        return "no" if asked == "fp32" else asked
    if torch.cuda.is_available():
        return "bf16" if multiplies_in_bf16("cuda") else "fp16"
    if torch.backends.mps.is_available():
        return "no"
    return "bf16" if multiplies_in_bf16("cpu") else "no"


def build_optimizers(network: nn.Module, *, name: str, rate: float) -> dict[str, torch.optim.Optimizer]:
    """Return the optimizers that share a network, by the names under which a state keeps their moments.

    Args:
        network: whose parameters they move.
        name: "adam" for all of them, or "muon" for the convolutions' kernels and Adam for the rest.
        rate: the learning rate.
    """
    if name == "adam":
        return {"optimizer": torch.optim.Adam(network.parameters(), lr=rate)}
    kernels, others = split_kernels(network)
    return {"muon": Muon(kernels, lr=rate), "optimizer": torch.optim.Adam(others, lr=rate)}
