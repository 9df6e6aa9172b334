import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.evaluation.metrics.color import color_distance, lightness_contrast, mean_chroma


def plain(red, green, blue, *, height=8, width=8):
    return torch.tensor([red, green, blue]).view(3, 1, 1).expand(3, height, width)


def picture(seed, *, height=12, width=10):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


BLACK, WHITE = plain(0.0, 0.0, 0.0), plain(1.0, 1.0, 1.0)
HALF_AND_HALF = torch.cat((BLACK, WHITE), dim=2)


def test_black_to_white_is_half_of_their_hundred():
    # Along a direction (l, a, b) they are 100·|l| apart; over the sphere |l| averages 1/2.
    assert color_distance(BLACK, WHITE) == pytest.approx(50, abs=0.05)


def test_red_to_blue_is_half_their_difference():
    # sRGB red is Lab (53.24, 80.09, 67.20), blue (32.30, 79.19, -107.86): 176.3 apart.
    assert color_distance(plain(1.0, 0.0, 0.0), plain(0.0, 0.0, 1.0)) == pytest.approx(176.3 / 2, rel=0.02)


def test_half_of_the_pixels_move_half_as_far():
    assert color_distance(BLACK, HALF_AND_HALF) == pytest.approx(25, abs=0.05)


def test_places_and_sizes_do_not_matter():
    assert color_distance(HALF_AND_HALF, HALF_AND_HALF.flip(2)) == 0
    assert color_distance(HALF_AND_HALF, torch.cat((WHITE, BLACK), dim=1)) == 0
    assert color_distance(plain(0.2, 0.5, 0.9), plain(0.2, 0.5, 0.9, height=3, width=5)) < 1e-9


def test_uneven_sizes_match_quantiles():
    # 1 white of 3 against 1 white of 2: a sixth of the mass moves, 1/6 of 50.
    third = torch.cat((BLACK[:, :4, :2], WHITE[:, :4, :1]), dim=2)
    assert color_distance(third, HALF_AND_HALF) == pytest.approx(50 / 6, rel=0.02)


def test_drawing_is_repeatable_and_close():
    large, other = picture(1, height=120, width=120), picture(2, height=120, width=120) ** 2
    whole = color_distance(large, other, samples=20000)
    drawn = color_distance(large, other, samples=4000, seed=3)
    assert drawn == color_distance(large, other, samples=4000, seed=3)
    assert drawn != color_distance(large, other, samples=4000, seed=4)
    assert drawn == pytest.approx(whole, rel=0.1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_is_a_distance(first, second, third):
    a, b, c = picture(first), picture(second) ** 2, picture(third) ** 0.5
    assert color_distance(a, a) == 0
    assert color_distance(a, b) == pytest.approx(color_distance(b, a))
    assert color_distance(a, c) <= color_distance(a, b) + color_distance(b, c) + 1e-9


def test_chroma_of_grey_and_red():
    assert mean_chroma(HALF_AND_HALF) == pytest.approx(0, abs=1e-3)
    # Red: the root of 80.09² + 67.20².
    assert mean_chroma(plain(1.0, 0.0, 0.0)) == pytest.approx(104.55, abs=0.1)
    assert mean_chroma(torch.cat((plain(1.0, 0.0, 0.0), BLACK), dim=1)) == pytest.approx(52.28, abs=0.1)


def test_contrast_of_half_black_half_white():
    assert lightness_contrast(HALF_AND_HALF) == pytest.approx(50)
    assert lightness_contrast(plain(0.3, 0.6, 0.1)) == pytest.approx(0, abs=1e-6)
    # A quarter white: the root of 1/4 · 3/4, of a hundred.
    quarter = torch.cat((BLACK, BLACK, BLACK, WHITE), dim=1)
    assert lightness_contrast(quarter) == pytest.approx(43.301, abs=1e-3)
