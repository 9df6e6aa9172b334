"""The convolution that style networks are made of."""

from torch import Tensor, nn
from torch.nn import functional as F


class ReflectedConvolution(nn.Module):
    """A convolution with reflection padding: zeros at the border would be painted as a frame."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.padding = kernel // 2
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride), rounded up."""
        return self.convolution(F.pad(maps, (self.padding,) * 4, mode="reflect"))
