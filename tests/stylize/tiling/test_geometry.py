import pytest
import torch
from torch import Tensor, nn

from fastst.errors import FaststError
from fastst.stylize.tiling.geometry import Geometry, measure_geometry

from .networks import small_network


def test_one_convolution_sees_half_its_kernel():
    assert measure_geometry(nn.Conv2d(3, 3, 7, padding=3)) == Geometry(reach=3, alignment=1)


def test_strides_multiply():
    # 3 px at stride 1, then 1 at stride 2, then 1 at stride 4, and the block of 4 px shuffled back.
    network = nn.Sequential(
        nn.Conv2d(3, 4, 7, padding=3),
        nn.Conv2d(4, 4, 3, stride=2, padding=1),
        nn.Conv2d(4, 48, 3, stride=2, padding=1),
        nn.PixelShuffle(4),
    )
    # Row 4i of the output is map row i, which sees rows 4i - 2 - 1 - 3 to 4i + 2 + 1 + 3, and so does 4i + 3.
    assert measure_geometry(network) == Geometry(reach=6, alignment=4)


def test_the_classic_network():
    assert measure_geometry(small_network("classic")) == Geometry(reach=59, alignment=4)


def test_the_reach_is_not_too_small_and_not_much_too_large():
    network = small_network("shuffled")
    geometry = measure_geometry(network)
    assert geometry == Geometry(reach=12, alignment=4)
    assert geometry.halo == 12


def test_deep_networks_do_not_hide_what_they_see():
    layers = [nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()) for _ in range(140)]
    assert measure_geometry(nn.Sequential(*layers)).reach == 140


def test_a_network_that_sees_everything_is_refused():
    class Average(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            return image * torch.mean(image, dim=(2, 3), keepdim=True)

    with pytest.raises(FaststError, match="cannot work in tiles"):
        measure_geometry(Average())


def test_the_network_is_left_as_it_is():
    network = small_network("classic")
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    measure_geometry(network)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
