import torch
from hypothesis import given
from hypothesis import strategies as st

from fastst.networks.layers import InstanceNorm
from fastst.stylize.tiling.statistics import Moments, PictureNorm, run_to_next_norm, with_picture_norms

from .networks import small_network


def test_moments_worked_by_hand():
    # 0, 2 and then 4, 4, 10: mean 4, squares 16 + 4 + 0 + 0 + 36 = 56 over 5
    moments = Moments(1)
    moments.add(torch.tensor([[[[0.0, 2.0]]]]))
    moments.add(torch.tensor([[[[4.0, 4.0, 10.0]]]]))
    assert moments.mean.item() == 4
    assert abs(moments.variance.item() - 56 / 5) < 1e-12


@given(cut=st.integers(1, 19), offset=st.sampled_from([0.0, 1000.0]))
def test_moments_of_parts_are_those_of_the_whole(cut, offset):
    maps = torch.randn(1, 3, 4, 20, generator=torch.Generator().manual_seed(cut)) + offset
    moments = Moments(3)
    moments.add(maps[..., :cut])
    moments.add(maps[..., cut:])
    variance, mean = torch.var_mean(maps.double(), dim=(0, 2, 3), correction=0)
    torch.testing.assert_close(moments.mean, mean, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(moments.variance, variance, rtol=1e-4, atol=1e-5)


def test_a_picture_norm_with_the_pictures_statistics_is_the_instance_norm():
    norm = InstanceNorm(5).eval()
    norm.weight.data.normal_()
    norm.bias.data.normal_()
    maps = torch.randn(1, 5, 7, 6) * 3 + 2
    picture_norm, moments = PictureNorm(norm), Moments(5)
    moments.add(maps)
    picture_norm.give(moments.mean, moments.variance)
    torch.testing.assert_close(picture_norm(maps), norm(maps))


def test_a_run_stops_at_each_norm_in_turn_and_then_comes_through():
    network, image = small_network("shuffled"), torch.rand(1, 3, 32, 32)
    copy = with_picture_norms(network)
    stops = []
    with torch.no_grad():
        while (stop := run_to_next_norm(copy, image))[0] is not None:
            norm, maps = stop
            stops.append(norm)
            moments = Moments(8)
            moments.add(maps)
            norm.give(moments.mean, moments.variance)
        assert stops == list(copy.norms)
        torch.testing.assert_close(stop[1], network(image))
    assert isinstance(network.norms[0], InstanceNorm)
