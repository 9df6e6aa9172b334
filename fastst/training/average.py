"""A running average of the weights: steadier than the last step's (Polyak & Juditsky 1992)."""

import copy

import torch
from torch import nn


class WeightAverage:
    """Keeps an exponential moving average of a network's parameters in a copy of it."""

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, *, step: int) -> None:
        """Take in the weights after ``step`` steps; early steps weigh more, as there is less to remember."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for average, current in zip(self.network.parameters(), network.parameters(), strict=True):
            average.lerp_(current, 1 - decay)
