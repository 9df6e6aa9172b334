import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fastst.networks.layers import InstanceNorm, UpsampleConvolution


@pytest.mark.parametrize("training", [True, False])
class TestInstanceNorm:
    """The same function in training and out of it, though not the same code."""

    def test_value_worked_by_hand(self, training: bool) -> None:
        maps = torch.tensor([[[[1.0, 3.0]]], [[[0.0, 10.0]]]])
        norm = InstanceNorm(1).train(training)
        norm.weight.data.fill_(2.0)
        norm.bias.data.fill_(10.0)
        # mean 2, deviation 1, and mean 5, deviation 5: (−1, 1) · 2 + 10 either way
        torch.testing.assert_close(
            norm(maps).flatten(), torch.tensor([8.0, 12.0, 8.0, 12.0]), rtol=0, atol=1e-3
        )

    def test_equals_torchs_and_so_do_its_gradients(self, training: bool) -> None:
        ours, theirs = InstanceNorm(5).train(training), nn.InstanceNorm2d(5, affine=True)
        maps = torch.randn(2, 5, 7, 6).requires_grad_()
        torch.testing.assert_close(ours(maps), theirs(maps))
        upstream = torch.randn(2, 5, 7, 6)
        gradients = [torch.autograd.grad((norm(maps) * upstream).sum(), maps)[0] for norm in (ours, theirs)]
        torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-5)

    def test_keeps_channels_last(self, training: bool) -> None:
        maps = torch.randn(2, 5, 7, 6).to(memory_format=torch.channels_last)
        assert InstanceNorm(5).train(training)(maps).is_contiguous(memory_format=torch.channels_last)


class TestInference:
    """Without gradients the statistics are summed strip by strip."""

    @pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
    @pytest.mark.parametrize("shape", [(1, 4, 301, 503), (2, 3, 2, 40_000), (1, 5, 1, 1)])
    def test_as_exact_as_double_precision(
        self, shape: tuple[int, int, int, int], layout: torch.memory_format
    ) -> None:
        # A mean of 50 deviations is where careless sums of squares fail.
        maps = (torch.randn(shape) + 50).contiguous(memory_format=layout)
        with torch.inference_mode():
            ours = InstanceNorm(shape[1]).eval()(maps)
        exact = maps.double() - maps.double().mean(dim=(2, 3), keepdim=True)
        exact /= ((exact**2).mean(dim=(2, 3), keepdim=True) + 1e-5).sqrt()
        torch.testing.assert_close(ours, exact.float(), atol=1e-3, rtol=0)
        assert ours.is_contiguous(memory_format=layout)

    def test_a_picture_whose_strips_differ(self) -> None:
        # Rows of 0 above rows of 4, three to one: mean 1, deviation √3.
        maps = torch.zeros(1, 1, 400, 256)
        maps[..., 300:, :] = 4
        with torch.inference_mode():
            normalised = InstanceNorm(1).eval()(maps)
        torch.testing.assert_close(normalised[0, 0, [0, -1], 0], torch.tensor([-(3**-0.5), 3**0.5]))

    def test_bfloat16_maps_keep_single_precision_statistics(self) -> None:
        maps = (torch.randn(1, 3, 200, 300) + 2).bfloat16()
        with torch.inference_mode():
            ours = InstanceNorm(3).eval()(maps)
        assert ours.dtype == torch.bfloat16
        assert ours.double().mean().abs() < 1e-3
        assert abs(ours.double().std() - 1) < 1e-3


def _enlarged_first(module: UpsampleConvolution, maps: torch.Tensor) -> torch.Tensor:
    enlarged = F.interpolate(maps, scale_factor=2, mode="bilinear")
    return module.convolution(F.pad(enlarged, (1, 1, 1, 1), mode="replicate"))


class TestEnlargedConvolution:
    @pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 3), (7, 6)])
    def test_is_enlarging_and_then_convolving(self, size: tuple[int, int]) -> None:
        torch.manual_seed(0)
        module = UpsampleConvolution(5, 3)
        maps = torch.randn(2, 5, *size)
        assert (module(maps) - _enlarged_first(module, maps)).abs().max() < 1e-5

    def test_by_hand(self) -> None:
        # The kernel takes the pixel in the middle: what is left is the enlargement, whose pixels lie
        # a quarter of the way to the neighbor, and the border's own pixel beyond the border.
        module = UpsampleConvolution(1, 1)
        with torch.no_grad():
            module.convolution.weight.zero_()[0, 0, 1, 1] = 1
            module.convolution.bias.fill_(10)  # type: ignore[union-attr]
        found = module(torch.tensor([[[[0.0, 4.0]]]]))
        assert found.tolist() == [[[[10, 11, 13, 14], [10, 11, 13, 14]]]]

    def test_gradients_are_those_of_enlarging_first(self) -> None:
        torch.manual_seed(0)
        module = UpsampleConvolution(4, 2)
        maps = torch.randn(1, 4, 5, 4)
        target = torch.randn(1, 2, 10, 8)
        found = torch.autograd.grad(((module(maps) - target) ** 2).sum(), list(module.parameters()))
        wanted = torch.autograd.grad(
            ((_enlarged_first(module, maps) - target) ** 2).sum(), list(module.parameters())
        )
        for one, other in zip(found, wanted, strict=True):
            assert torch.allclose(one, other, rtol=1e-4, atol=1e-3)

    def test_only_the_kernel_is_saved(self) -> None:
        assert set(UpsampleConvolution(4, 2).state_dict()) == {"convolution.weight", "convolution.bias"}
