"""What every architecture promises."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.networks import architectures, build


@pytest.mark.parametrize("architecture", architectures())
class TestEveryArchitecture:
    @given(height=st.integers(17, 60), width=st.integers(17, 60))
    @settings(max_examples=15, deadline=None)
    def test_every_size_comes_back_and_stays_in_range(
        self, architecture: str, height: int, width: int
    ) -> None:
        with torch.no_grad():
            painted = build(architecture, width=4)(torch.rand(1, 3, height, width))
        assert painted.shape == (1, 3, height, width)
        assert painted.min() >= 0 and painted.max() <= 1

    def test_pictures_of_a_batch_do_not_touch_each_other(self, architecture: str) -> None:
        network = build(architecture, width=4).eval()
        batch = torch.rand(3, 3, 24, 32)
        with torch.no_grad():
            apart = torch.cat([network(picture[None]) for picture in batch])
            torch.testing.assert_close(network(batch), apart, rtol=1e-4, atol=1e-5)

    def test_every_weight_takes_part(self, architecture: str) -> None:
        network = build(architecture, width=4)
        network(torch.rand(2, 3, 32, 32)).square().sum().backward()
        assert all(weight.grad is not None for weight in network.parameters())
