import pytest
import torch
from torch import nn

from fastst.networks.normalization import InstanceNorm


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
