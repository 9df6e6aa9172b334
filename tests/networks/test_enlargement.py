import pytest
import torch
from torch.nn import functional as F

from fastst.networks.enlargement import EnlargedConvolution


def _enlarged_first(module: EnlargedConvolution, maps: torch.Tensor) -> torch.Tensor:
    enlarged = F.interpolate(maps, scale_factor=2, mode="bilinear")
    return module.convolution(F.pad(enlarged, (1, 1, 1, 1), mode="replicate"))


class TestEnlargedConvolution:
    @pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (7, 6)])
    def test_is_enlarging_and_then_convolving(self, size: tuple[int, int]) -> None:
        torch.manual_seed(0)
        module = EnlargedConvolution(5, 3)
        maps = torch.randn(2, 5, *size)
        assert (module(maps) - _enlarged_first(module, maps)).abs().max() < 1e-5

    def test_by_hand(self) -> None:
        # The kernel takes the pixel in the middle: what is left is the enlargement, whose pixels lie
        # a quarter of the way to the neighbour, and the border's own pixel beyond the border.
        module = EnlargedConvolution(1, 1)
        with torch.no_grad():
            module.convolution.weight.zero_()[0, 0, 1, 1] = 1
            module.convolution.bias.fill_(10)  # type: ignore[union-attr]
        found = module(torch.tensor([[[[0.0, 4.0]]]]))
        assert found.tolist() == [[[[10, 11, 13, 14], [10, 11, 13, 14]]]]

    def test_gradients_are_those_of_enlarging_first(self) -> None:
        torch.manual_seed(0)
        module = EnlargedConvolution(4, 2)
        maps = torch.randn(1, 4, 5, 4)
        target = torch.randn(1, 2, 10, 8)
        found = torch.autograd.grad(((module(maps) - target) ** 2).sum(), list(module.parameters()))
        wanted = torch.autograd.grad(
            ((_enlarged_first(module, maps) - target) ** 2).sum(), list(module.parameters())
        )
        for one, other in zip(found, wanted, strict=True):
            assert torch.allclose(one, other, rtol=1e-4, atol=1e-3)

    def test_only_the_kernel_is_saved(self) -> None:
        assert set(EnlargedConvolution(4, 2).state_dict()) == {"convolution.weight", "convolution.bias"}
