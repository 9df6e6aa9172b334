import torch
from torch import Tensor, nn

from fastst.networks.noise import PERIOD, NoiseField, place_noise


def field(stride: int = 1) -> NoiseField:
    return NoiseField((0, 2), seed=7, stride=stride)


def maps(height: int, width: int, count: int = 1) -> Tensor:
    return torch.zeros(count, 5, height, width)


def test_every_channel_has_mean_0_and_variance_1() -> None:
    noise = field()(maps(PERIOD, PERIOD))[0].flatten(1)
    torch.testing.assert_close(noise.mean(dim=1), torch.zeros(2), rtol=0, atol=1e-4)
    torch.testing.assert_close(noise.std(dim=1), torch.ones(2), rtol=0, atol=1e-4)


def test_a_larger_sigma_is_smoother() -> None:
    noise = field()(maps(64, 64))[0]
    rough, smooth = (noise[..., 1:] - noise[..., :-1]).square().mean(dim=(1, 2)).tolist()
    # Of white noise neighbors differ by a variance of 2; after a Gaussian of 2 by 2 (1 - exp(-1/16)) = 0.12.
    assert 1.8 < rough < 2.2 and 0.09 < smooth < 0.15


def test_a_part_of_the_picture_sees_its_part_of_the_noise() -> None:
    noise, whole = field(), field()(maps(40, 60))
    place_noise(noise, (8, 16))
    assert torch.equal(noise(maps(10, 12)), whole[..., 8:18, 16:28])


def test_origins_are_in_pixels_of_the_picture_whatever_the_stride() -> None:
    quarter = field(stride=4)
    whole = quarter(maps(40, 60))
    place_noise(quarter, (8, 16))
    assert torch.equal(quarter(maps(10, 12)), whole[..., 2:12, 4:16])


def test_each_picture_of_a_batch_can_have_a_place_of_its_own() -> None:
    noise, whole = field(), field()(maps(40, 60))[0]
    place_noise(noise, (torch.tensor([0, 4]), torch.tensor([8, 12])))
    first, second = noise(maps(10, 12, count=2))
    assert torch.equal(first, whole[:, :10, 8:20]) and torch.equal(second, whole[:, 4:14, 12:24])


def test_it_repeats_without_a_seam() -> None:
    noise = field()
    place_noise(noise, (PERIOD - 2, 3 * PERIOD))
    wrapped = noise(maps(4, 4))
    place_noise(noise, (0, 0))
    assert torch.equal(wrapped[..., 2:, :], noise(maps(2, 4)))


def test_placing_reaches_every_field_within() -> None:
    network = nn.Sequential(nn.Sequential(field()), field(stride=2))
    place_noise(network, (4, 8))
    origins = [module.origin for module in network.modules() if isinstance(module, NoiseField)]
    assert origins == [(4, 8), (4, 8)]


def test_the_field_is_no_weight_of_a_checkpoint() -> None:
    assert not field().state_dict()
