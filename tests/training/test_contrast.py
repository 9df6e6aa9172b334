import pytest
import torch
from torch import nn

from fastst.images.colors import rgb_to_lab
from fastst.networks import build
from fastst.networks.recolor import take_colors
from fastst.training.contrast import match_contrast


def contrast(image: torch.Tensor) -> float:
    return float(rgb_to_lab(image)[:, 0].std(correction=0))


def smooth(seed: int, *, size: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, 4, 4, generator=generator)
    return nn.functional.interpolate(small, size=(size, size), mode="bilinear")


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    made = build("brush", width=8, half=4, blocks=1).eval()
    take_colors(made, smooth(0))
    return made


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_the_mean_contrast_becomes_the_paintings(network: nn.Module, share: float) -> None:
    photos = [smooth(seed)[0] for seed in (1, 2, 3)]
    with torch.no_grad():
        before = sum(contrast(network(photo[None])) for photo in photos) / 3
        # A painting of the contrast that the test asks for.
        painting = (smooth(0) - 0.5) * share * before / contrast(smooth(0)) + 0.5
        for _ in range(20):
            painting = (painting - 0.5) * share * before / contrast(painting) + 0.5
    gain = match_contrast(network, painting, photos)
    with torch.no_grad():
        after = sum(contrast(network(photo[None])) for photo in photos) / 3
    assert before / after == pytest.approx(1 / share, rel=0.01)
    assert (gain > 1) == (share > 1)


def test_the_gain_is_bounded(network: nn.Module) -> None:
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::2] = 1
    flat = torch.full((1, 3, 64, 64), 0.5) + 0.01 * smooth(0)
    assert match_contrast(network, stripes, [smooth(1)[0]]) == 1.25
    assert match_contrast(network, flat, [smooth(1)[0]]) == 0.8


def test_the_style_mask_says_whose_contrast(network: nn.Module) -> None:
    painting = smooth(0)
    painting[..., 32:] = 0.5
    left = torch.zeros(1, 1, 64, 64)
    left[..., :32] = 1
    photos = [smooth(1)[0]]
    assert match_contrast(network, painting, photos, where=1 - left) == 0.8
    with torch.no_grad():
        after = contrast(network(photos[0][None]))
    assert match_contrast(network, painting, photos, where=left) > 1
    with torch.no_grad():
        assert contrast(network(photos[0][None])) > after


def test_other_networks_are_left_alone() -> None:
    classic = build("classic", width=8)
    assert match_contrast(classic, smooth(0), [smooth(1)[0]]) == 1
