import pytest

from fastst.networks import build


@pytest.mark.parametrize(("width", "parameters"), [(16, 424_899), (32, 1_679_235)])
def test_parameters_are_the_papers(width: int, parameters: int) -> None:
    # 32: 7,808 + 18,496 + 73,856 + 10 · 147,584 + 73,792 + 18,464 + 7,779 convolution parameters,
    # and two for every normalized channel: 2 · (32 + 64 + 128 + 10 · 128 + 64 + 32) = 3,200.
    assert sum(parameter.numel() for parameter in build("classic", width=width).parameters()) == parameters
