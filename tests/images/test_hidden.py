from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fastst.images.hidden import filled
from fastst.images.pictures import read_picture
from fastst.networks.styles import load_style
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling.canvas import DiskCanvas


def test_worked_by_hand() -> None:
    rgb = np.zeros((2, 4, 3), np.uint8)
    rgb[0, 0], rgb[1, 0], rgb[0, 2] = 10, 30, 90
    alpha = np.array([[255, 0, 1, 0], [255, 0, 0, 0]], np.uint8)
    found = np.asarray(filled(Image.fromarray(rgb), Image.fromarray(alpha)))[..., 0]
    assert found.tolist() == [[10, 20, 90, 90], [30, 20, 90, 90]]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_what_is_seen_stays_and_what_is_hidden_does_not_matter(height: int, width: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    rgb, other = random.integers(0, 256, (2, height, width, 3)).astype(np.uint8)
    alpha = (random.integers(0, 3, (height, width)) * 127).astype(np.uint8)
    seen = alpha > 0
    other[seen] = rgb[seen]
    one, two = (np.asarray(filled(Image.fromarray(each), Image.fromarray(alpha))) for each in (rgb, other))
    assert np.array_equal(one, two)
    assert np.array_equal(one[seen], rgb[seen])
    if seen.any():
        assert one.min() >= rgb[seen].min() and one.max() <= rgb[seen].max()


@pytest.fixture
def cutouts(tmp_path: Path) -> list[Path]:
    """One disc, with other colors hidden behind it."""
    rows, columns = np.mgrid[0:90, 0:120]
    disc = (rows - 45) ** 2 + (columns - 60) ** 2 < 900
    files = []
    for name, hidden in (("black", (0, 0, 0)), ("magenta", (255, 0, 255)), ("white", (255, 255, 255))):
        pixels = np.zeros((90, 120, 4), np.uint8)
        pixels[..., :3] = hidden
        pixels[disc] = np.stack([rows, columns, 0 * rows + 200, 0 * rows + 255], axis=-1)[disc]
        files.append(tmp_path / f"{name}.png")
        Image.fromarray(pixels).save(files[-1])
    return files


def test_stylized_pictures_do_not_know_what_was_hidden(cutouts: list[Path]) -> None:
    checkpoint = load_style("starry-night")
    stylizer = Stylizer(checkpoint.network, {}, device="cpu")
    one, *others = (np.asarray(stylizer(file)) for file in cutouts)
    for other in others:
        assert np.array_equal(one, other)
    assert one[0, 0, 3] == 0 and one[45, 60, 3] == 255


def test_nor_do_those_that_are_worked_on_disk(cutouts: list[Path], tmp_path: Path) -> None:
    found = []
    for file in cutouts:
        raw = tmp_path / f"{file.stem}.raw"
        raw.write_bytes(np.asarray(Image.open(file)).tobytes())
        canvas = DiskCanvas(raw, 90, 120, bands=4)
        canvas.fill_hidden()
        found.append(canvas.read(slice(0, 90), slice(0, 120)))
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])
    assert np.array_equal(found[0][45, 60], np.asarray(read_picture(cutouts[0]).rgb)[45, 60])
