import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.networks import build
from fastst.networks.brush import Brush, brush, brush_wide
from fastst.networks.noise import noise_of_seed, place_noise
from fastst.networks.recolor import Recolored


def smooth(seed: int, height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 5, 6, generator=generator)
    return F.interpolate(coarse, (height, width), mode="bicubic").clamp(0.1, 0.9)


def small(full: int = 2) -> Recolored:
    torch.manual_seed(0)
    return Recolored(Brush(width=6, half=4, blocks=1, full=full)).eval()


def test_how_many_weights() -> None:
    count = {
        name: sum(weight.numel() for weight in network.parameters())
        for name, network in (("brush", brush()), ("brush-wide", brush_wide()))
    }
    assert count == {"brush": 200_340, "brush-wide": 919_869}


def test_untrained_it_gives_the_blurred_photo_back_in_the_paintings_colors() -> None:
    network, photo = small(full=0), smooth(1, 64, 80)
    network.recolor.take_colors_of(smooth(2, 40, 40))
    wanted = network.recolor(photo)
    with torch.no_grad():
        found = network(photo)
    middle = (..., slice(8, -8), slice(8, -8))
    assert float((found - wanted)[middle].abs().mean()) < 0.05
    assert float((found - photo)[middle].abs().mean()) > 0.05


def test_a_flat_photo_is_not_painted_flat_and_the_noise_decides_how() -> None:
    network, flat = small(), torch.full((1, 3, 32, 32), 0.5)
    with torch.no_grad():
        here = network(flat)
        place_noise(network, noise_of_seed(1))
        there = network(flat)
        place_noise(network, noise_of_seed(0))
        assert torch.equal(network(flat), here)
    assert float(here.std()) > 1e-3
    assert not torch.allclose(here, there, atol=1e-3)


@pytest.mark.parametrize("size", [(8, 8), (17, 9), (30, 33)])
def test_every_size_comes_back(size: tuple[int, int]) -> None:
    with torch.no_grad():
        assert small()(torch.rand(2, 3, *size)).shape == (2, 3, *size)


def test_the_last_stage_can_be_left_out() -> None:
    assert not any(name.startswith(("to_full", "finish")) for name in small(full=0).network.state_dict())
    assert build("brush-wide", width=8, half=4, blocks=1, full=0).network.full == 0


@pytest.mark.parametrize("full", [0, 2])
def test_a_gain_on_the_logits(full: int) -> None:
    network, photo = small(full).network, smooth(1, 32, 40)
    about = torch.tensor([0.2, 0.5, 0.7])
    with torch.no_grad():
        before = torch.logit(network(photo))
        network.scale_logits(1.2, about=about)
        after = torch.logit(network(photo))
    middle = torch.logit(about)[:, None, None]
    torch.testing.assert_close(after, middle + 1.2 * (before - middle), atol=1e-3, rtol=1e-3)
