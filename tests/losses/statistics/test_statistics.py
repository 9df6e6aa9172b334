"""What every style statistic must do, whatever it measures."""

import pytest
import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.losses.statistics.registry import STATISTICS, parse_style_loss

GLOBAL = ("gram", "covariance", "moments", "higher-moments", "histogram", "wasserstein", "sliced-wasserstein")
SPATIAL = ("correlation", "patches", "mrf", "spatial-histogram", "texture")
# Positions at a region's edge belong to patches that reach out of it.
BY_PATCHES = ("patches", "mrf")

every = pytest.mark.parametrize("name", STATISTICS)


def random(*shape: int, seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


STYLE = random(1, 3, 9, 11, seed=0)
PICTURES = random(2, 3, 8, 10, seed=1)
STYLE_MAP = random(1, 1, 9, 11, seed=2)
MAP = random(1, 1, 8, 10, seed=3)
LEFT = torch.cat((torch.ones(1, 1, 8, 4), torch.zeros(1, 1, 8, 6)), dim=-1).double()


def test_every_statistic_is_global_or_spatial() -> None:
    assert {*GLOBAL, *SPATIAL} == set(STATISTICS)


@every
def test_zero_against_itself_and_not_against_others(name: str) -> None:
    # Patches that lie half out of the region are no patches of it.
    for style_map in (None,) if name in BY_PATCHES else (None, STYLE_MAP):
        statistic = STATISTICS[name](STYLE, style_map)
        assert statistic(STYLE, style_map).item() == pytest.approx(0, abs=1e-5)
        assert (statistic(PICTURES) > 1e-4).all()


@pytest.mark.parametrize("name", GLOBAL)
def test_place_does_not_matter_to_the_global_ones(name: str) -> None:
    order = torch.randperm(80, generator=torch.Generator().manual_seed(4))
    shuffled = PICTURES.flatten(2)[..., order].view_as(PICTURES)
    moved = MAP.flatten(2)[..., order].view_as(MAP)
    statistic = STATISTICS[name](STYLE, STYLE_MAP)
    torch.testing.assert_close(statistic(shuffled), statistic(PICTURES))
    torch.testing.assert_close(statistic(shuffled, moved), statistic(PICTURES, MAP))


@pytest.mark.parametrize("name", SPATIAL)
def test_place_matters_to_the_spatial_ones(name: str) -> None:
    order = torch.randperm(99, generator=torch.Generator().manual_seed(4))
    shuffled = STYLE.flatten(2)[..., order].view_as(STYLE)
    assert STATISTICS[name](STYLE)(shuffled).item() > 1e-3


@every
@pytest.mark.parametrize("mapped", [False, True])
def test_gradients_are_the_numeric_ones(name: str, mapped: bool) -> None:
    statistic = STATISTICS[name](STYLE, STYLE_MAP if mapped else None)
    pictures = random(1, 3, 6, 5, seed=5).requires_grad_()
    weight_map = random(1, 1, 6, 5, seed=6) if mapped else None
    assert torch.autograd.gradcheck(lambda features: statistic(features, weight_map), pictures)


@every
def test_a_map_of_ones_equals_no_map(name: str) -> None:
    kind = STATISTICS[name]
    expected = kind(STYLE)(PICTURES)
    ones = kind(STYLE, torch.ones_like(STYLE_MAP))(PICTURES, torch.ones_like(MAP))
    torch.testing.assert_close(ones, expected)
    torch.testing.assert_close(
        kind(STYLE, 0.3 * torch.ones_like(STYLE_MAP))(PICTURES, 7 * LEFT + 7 * (1 - LEFT)), expected
    )


@every
def test_a_map_changes_something(name: str) -> None:
    statistic = STATISTICS[name](STYLE)
    assert not torch.allclose(statistic(PICTURES, LEFT), statistic(PICTURES))


@pytest.mark.parametrize("name", [name for name in STATISTICS if name not in BY_PATCHES])
def test_outside_its_region_nothing_matters(name: str) -> None:
    kind = STATISTICS[name]
    other = torch.where(LEFT > 0, PICTURES, 100 * random(2, 3, 8, 10, seed=8))
    statistic = kind(STYLE)
    torch.testing.assert_close(statistic(other, LEFT), statistic(PICTURES, LEFT))
    torch.testing.assert_close(kind(other[:1], LEFT)(STYLE), kind(PICTURES[:1], LEFT)(STYLE))


@pytest.mark.parametrize("name", BY_PATCHES)
def test_far_outside_its_region_nothing_matters_to_patches(name: str) -> None:
    wide = random(1, 3, 8, 30, seed=9)
    weight_map = torch.zeros(1, 1, 8, 30).double()
    weight_map[..., :8] = 1
    other = wide.clone()
    other[..., 16:] = 50
    statistic = STATISTICS[name](STYLE)
    torch.testing.assert_close(statistic(other, weight_map), statistic(wide, weight_map))


@every
def test_scale_does_not_matter(name: str) -> None:
    kind = STATISTICS[name]
    expected = kind(STYLE, STYLE_MAP)(PICTURES, MAP)
    # The deviation's epsilon is tiny, not nothing.
    torch.testing.assert_close(kind(100 * STYLE, STYLE_MAP)(100 * PICTURES, MAP), expected, rtol=1e-3, atol=0)


@every
def test_each_picture_of_a_batch_for_itself(name: str) -> None:
    statistic = STATISTICS[name](STYLE)
    apart = torch.cat([statistic(picture[None], MAP) for picture in PICTURES])
    torch.testing.assert_close(statistic(PICTURES, MAP), apart)


@every
def test_a_second_one_is_bit_identical(name: str) -> None:
    once, again = (STATISTICS[name](STYLE.float())(PICTURES.float()) for _ in range(2))
    assert torch.equal(once, again)


@every
def test_half_precision_and_autocast_do_not_lower_the_precision(name: str) -> None:
    style, pictures = (200 * STYLE).half(), (200 * PICTURES).half()
    expected = STATISTICS[name](style.float())(pictures.float())
    with torch.autocast("cpu", torch.bfloat16):
        terms = STATISTICS[name](style)(pictures)
    assert terms.dtype == torch.float32
    torch.testing.assert_close(terms, expected)


@every
def test_dead_channels_and_flat_features_give_finite_gradients(name: str) -> None:
    style = STYLE.float().clone()
    style[:, 0] = 0
    flat = torch.full((1, 3, 6, 6), 0.5).index_fill_(1, torch.tensor([1]), 0.0).requires_grad_()
    loss = STATISTICS[name](style)(flat).sum()
    loss.backward()
    assert flat.grad is not None and flat.grad.isfinite().all() and loss.isfinite()


@every
@pytest.mark.parametrize("even", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("side", [1, 6])
def test_an_even_style_pulls_without_breaking(name: str, even: float, side: int) -> None:
    statistic = STATISTICS[name](torch.full((1, 3, side, side), even))
    pictures = PICTURES.float().requires_grad_()
    loss = statistic(pictures).sum()
    loss.backward()
    assert pictures.grad is not None and pictures.grad.isfinite().all() and loss.isfinite()
    # There is nothing to match in darkness but darkness, to which relative measures know no way.
    assert even == 0 or pictures.grad.abs().max() > 1e-6


@every
def test_smaller_than_any_patch_or_shift(name: str) -> None:
    dot = STATISTICS[name](random(1, 3, 1, 1, seed=7))
    assert dot(random(1, 3, 1, 2, seed=8)).isfinite().all()


def test_a_spatial_histogram_styles_all_of_a_region_from_another_place() -> None:
    left, right = torch.zeros(1, 1, 9, 12).double(), torch.zeros(1, 1, 9, 12).double()
    left[..., :3], right[..., 3:] = 1, 1
    features = random(1, 3, 9, 12, seed=10).requires_grad_()
    STATISTICS["spatial-histogram"](random(1, 3, 9, 12, seed=11), left)(features, right).sum().backward()
    assert features.grad is not None
    pull = features.grad.abs().sum(dim=(0, 1, 2))
    assert (pull[:3] == 0).all() and pull[3:].min() > 0.1 * pull[3:].max()


class TestParseStyleLoss:
    def test_a_weight_left_out_is_1(self) -> None:
        assert parse_style_loss("gram + mrf:0.5") == {"gram": 1.0, "mrf": 0.5}

    def test_none_is_named_twice(self) -> None:
        with pytest.raises(UsageError, match="gram twice"):
            parse_style_loss("gram:1+mrf+gram:0.5")
