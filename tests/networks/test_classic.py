import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.networks import build


@given(height=st.integers(17, 60), width=st.integers(17, 60))
@settings(max_examples=15, deadline=None)
def test_every_size_comes_back_and_stays_in_range(height: int, width: int) -> None:
    with torch.no_grad():
        painted = build("classic", width=4)(torch.rand(1, 3, height, width))
    assert painted.shape == (1, 3, height, width)
    assert painted.min() >= 0 and painted.max() <= 1


@pytest.mark.parametrize(("width", "parameters"), [(16, 424_899), (32, 1_679_235)])
def test_parameters_are_the_papers(width: int, parameters: int) -> None:
    # 32: 7,808 + 18,496 + 73,856 + 10 · 147,584 + 73,792 + 18,464 + 7,779 convolution parameters,
    # and two for every normalised channel: 2 · (32 + 64 + 128 + 10 · 128 + 64 + 32) = 3,200.
    assert sum(parameter.numel() for parameter in build("classic", width=width).parameters()) == parameters


def test_pictures_of_a_batch_do_not_touch_each_other() -> None:
    network = build("classic", width=4).eval()
    batch = torch.rand(3, 3, 24, 32)
    with torch.no_grad():
        apart = torch.cat([network(picture[None]) for picture in batch])
        torch.testing.assert_close(network(batch), apart, rtol=1e-4, atol=1e-5)
