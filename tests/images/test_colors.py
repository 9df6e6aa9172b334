import colorsys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.images.colors import keep_colors, luminance, rgb_to_lab

unit = st.floats(0, 1, width=32)
color = st.tuples(unit, unit, unit)


def pixel(*rgb: float) -> torch.Tensor:
    return torch.tensor(rgb, dtype=torch.float64).view(3, 1, 1)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (100, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((119 / 255, 119 / 255, 119 / 255), (50.03, 0, 0)),
        ((0.01, 0.01, 0.01), (0.699, 0, 0)),  # the straight part: 903.3 * 0.01 / 12.92
    ],
)
def test_lab_of_known_colors(rgb, lab):
    assert rgb_to_lab(pixel(*rgb)).flatten().tolist() == pytest.approx(lab, abs=0.02)


def test_lab_agrees_with_scikit_image():
    color = pytest.importorskip("skimage.color")
    rgb = torch.rand(3, 8, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = torch.from_numpy(color.rgb2lab(rgb.permute(1, 2, 0).numpy())).permute(2, 0, 1)
    torch.testing.assert_close(rgb_to_lab(rgb), expected, atol=0.02, rtol=0)


def test_lab_keeps_leading_dimensions():
    rgb = torch.rand(2, 5, 3, 4, 6)
    lab = rgb_to_lab(rgb)
    assert lab.shape == rgb.shape
    torch.testing.assert_close(lab[1, 2], rgb_to_lab(rgb[1, 2]), atol=1e-4, rtol=1e-5)


def test_lab_gradients_are_right_and_finite_at_black():
    rgb = torch.tensor([0.02, 0.3, 0.9], dtype=torch.float64).view(3, 1, 1).requires_grad_()
    assert torch.autograd.gradcheck(rgb_to_lab, rgb)
    black = torch.zeros(3, 1, 1, requires_grad=True)
    rgb_to_lab(black).sum().backward()
    assert black.grad is not None and torch.isfinite(black.grad).all() and (black.grad != 0).any()


def test_luminance_of_the_primaries():
    primaries = torch.eye(3).view(3, 3, 1, 1)
    assert luminance(primaries).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114])


def test_keep_colors_by_hand():
    # Y of the photo is 0.299 * 0.6 + 0.587 * 0.2 + 0.114 * 0.2 = 0.3196; white gray at 0.5 adds 0.1804.
    result = keep_colors(pixel(0.5, 0.5, 0.5), pixel(0.6, 0.2, 0.2))
    assert result.flatten().tolist() == pytest.approx([0.7804, 0.3804, 0.3804])


def test_a_grey_photo_stays_grey_and_takes_the_luminance():
    result = keep_colors(pixel(1, 0, 0), pixel(0.7, 0.7, 0.7))
    assert result.flatten().tolist() == pytest.approx([0.299] * 3)


@settings(max_examples=100, deadline=None)
@given(stylized=color, content=color)
def test_keep_colors_swaps_y_and_keeps_i_and_q(stylized, content):
    result = keep_colors(pixel(*stylized), pixel(*content)).flatten().tolist()
    assert all(0 <= value <= 1 for value in result)
    if all(0 < value < 1 for value in result):
        red, green, blue = result
        y = 0.299 * red + 0.587 * green + 0.114 * blue
        assert y == pytest.approx(luminance(pixel(*stylized)).item(), abs=1e-9)
        assert (red - green, green - blue) == pytest.approx(
            (content[0] - content[1], content[1] - content[2]), abs=1e-9
        )
        assert colorsys.rgb_to_yiq(*result)[1:] == pytest.approx(colorsys.rgb_to_yiq(*content)[1:], abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(content=color)
def test_keeping_the_colors_of_the_photo_itself_changes_nothing(content):
    assert keep_colors(pixel(*content), pixel(*content)).flatten().tolist() == pytest.approx(
        list(content), abs=1e-7
    )
