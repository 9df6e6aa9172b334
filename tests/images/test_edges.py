import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.images.edges import blurred, edge_correlation

PHOTO = torch.nn.functional.interpolate(
    torch.rand(1, 3, 8, 9, generator=torch.Generator().manual_seed(0)), (96, 110), mode="bicubic"
).clamp(0, 1)


def test_a_picture_keeps_all_edges_of_itself_whatever_its_contrast() -> None:
    assert edge_correlation(PHOTO, PHOTO).item() == pytest.approx(1, abs=1e-5)
    paler = 0.3 + 0.4 * PHOTO
    assert edge_correlation(paler, PHOTO).item() > 0.95
    assert edge_correlation(1 - PHOTO, PHOTO).item() > 0.6  # an edge is one whichever side is the brighter


def test_what_has_nothing_to_do_with_it_keeps_none() -> None:
    other = torch.nn.functional.interpolate(
        torch.rand(1, 3, 8, 9, generator=torch.Generator().manual_seed(1)), (96, 110), mode="bicubic"
    )
    assert abs(edge_correlation(other.clamp(0, 1), PHOTO).item()) < 0.4
    assert edge_correlation(torch.full_like(PHOTO, 0.5), PHOTO).item() == pytest.approx(0, abs=0.2)


def test_each_picture_of_a_batch_for_itself() -> None:
    batch = torch.cat([PHOTO, PHOTO.flip(3)])
    apart = [edge_correlation(picture, PHOTO).item() for picture in batch.split(1)]
    assert edge_correlation(batch, PHOTO.expand(2, -1, -1, -1)).tolist() == pytest.approx(apart, abs=1e-5)


@given(period=st.floats(8, 40), sigma=st.sampled_from([1.0, 2.0, 4.0]))
@settings(max_examples=20, deadline=None)
def test_a_gaussian_lessens_a_wave_by_the_exponential(period: float, sigma: float) -> None:
    wave = torch.cos(2 * math.pi * torch.arange(400) / period).expand(1, 1, 5, 400)
    inner = (..., slice(40, -40))
    expected = math.exp(-2 * (math.pi * sigma / period) ** 2) * wave[inner]
    torch.testing.assert_close(blurred(wave, sigma)[inner], expected, rtol=0, atol=3e-3)


def test_the_border_is_mirrored_and_small_pictures_are_blurred_too() -> None:
    flat = torch.full((1, 1, 3, 7), 0.4)
    torch.testing.assert_close(blurred(flat, 16.0), flat)
