from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastst.stylize.tiling.canvas import Canvas, DiskCanvas, MemoryCanvas


@pytest.fixture(params=["memory", "disk"])
def canvas(request: pytest.FixtureRequest, tmp_path: Path) -> Canvas:
    if request.param == "memory":
        return MemoryCanvas(Image.new("RGB", (7, 5)))
    return DiskCanvas(tmp_path / "a.raw", 5, 7)


def test_what_is_written_is_read(canvas):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    canvas.write(slice(1, 3), slice(4, 7), pixels)
    everything = canvas.read(slice(0, 5), slice(0, 7))
    assert (everything[1:3, 4:7] == pixels).all()
    assert everything.sum() == pixels.sum()


def test_a_blank_one_is_apart(canvas):
    other = canvas.blank(3, 2)
    third = canvas.blank(3, 2)
    assert (other.height, other.width) == (3, 2)
    other.write(slice(0, 3), slice(0, 2), np.full((3, 2, 3), 9, np.uint8))
    assert canvas.read(slice(0, 5), slice(0, 7)).sum() == 0
    assert third.read(slice(0, 3), slice(0, 2)).sum() == 0


def test_bands_beyond_three_are_left_alone(tmp_path):
    raw = np.arange(2 * 2 * 4, dtype=np.uint8).reshape(2, 2, 4)
    (tmp_path / "a.raw").write_bytes(raw.tobytes())
    canvas = DiskCanvas(tmp_path / "a.raw", 2, 2, bands=4)
    assert (canvas.read(slice(0, 2), slice(0, 2)) == raw[..., :3]).all()
    canvas.write(slice(0, 1), slice(0, 2), np.zeros((1, 2, 3), np.uint8))
    left = np.fromfile(tmp_path / "a.raw", np.uint8).reshape(2, 2, 4)
    assert (left[0, :, :3] == 0).all() and (left[..., 3] == raw[..., 3]).all()
