import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastst.data.decoding import random_crop


def ramp(width: int, height: int) -> Image.Image:
    """Red grows to the right and green downwards, from 0 to 255."""
    red = np.broadcast_to(np.linspace(0, 255, width)[None, :], (height, width))
    green = np.broadcast_to(np.linspace(0, 255, height)[:, None], (height, width))
    return Image.fromarray(np.stack([red, green, np.full((height, width), 77)], -1).astype(np.uint8))


@settings(max_examples=40, deadline=None)
@given(st.integers(32, 200), st.integers(32, 200), st.integers(16, 96), st.integers(0, 10_000))
def test_every_shape_gives_a_full_square(width: int, height: int, size: int, seed: int) -> None:
    crop = random_crop(ramp(width, height), size=size, rng=np.random.default_rng(seed))
    assert crop.shape == (3, size, size)
    assert crop.dtype == torch.float32
    # The constant blue channel shows that nothing was padded.
    assert torch.all(crop[2] == 77 / 255)


def test_the_same_chance_gives_the_same_crop() -> None:
    photo = ramp(160, 120)
    first, second = (random_crop(photo, size=40, rng=np.random.default_rng([1, 2])) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, random_crop(photo, size=40, rng=np.random.default_rng([1, 3])))


def test_scale_spans_the_short_side_to_half_of_it() -> None:
    photo = ramp(200, 200)
    spans = []
    for seed in range(200):
        crop = random_crop(photo, size=50, rng=np.random.default_rng(seed))
        spans.append(float(crop[1, -1].mean() - crop[1, 0].mean()) * 50 / 49)
    assert 0.48 < min(spans) < 0.56
    assert 0.94 < max(spans) < 1.03


def test_about_half_are_mirrored() -> None:
    photo = ramp(100, 100)
    crops = (random_crop(photo, size=24, rng=np.random.default_rng(seed)) for seed in range(100))
    mirrored = sum(bool(crop[0, 0, 0] > crop[0, 0, -1]) for crop in crops)
    assert 30 < mirrored < 70


def test_upside_down_never_happens() -> None:
    photo = ramp(100, 100)
    for seed in range(20):
        crop = random_crop(photo, size=24, rng=np.random.default_rng(seed))
        assert crop[1, 0].mean() < crop[1, -1].mean()
