import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from fastst.stylize.tiling import strokes
from fastst.stylize.tiling.canvas import DiskCanvas, MemoryCanvas
from fastst.stylize.tiling.strokes import enlarge_tiles, reduced
from fastst.stylize.tiling.tiles import Tile

from .networks import photo


def enlarged(picture: Image.Image, small: Image.Image, stylized: Image.Image) -> np.ndarray:
    result = np.zeros((picture.height, picture.width, 3))

    def put(tile: Tile, content: Tensor, painted: Tensor) -> None:
        result[tile.inner] = painted[0].permute(1, 2, 0).numpy()

    canvases = (MemoryCanvas(image) for image in (picture, small, stylized))
    enlarge_tiles(*canvases, put, device=torch.device("cpu"))
    return result


@pytest.mark.parametrize("scale", [2, 2.7, 5])
def test_reducing_in_strips_is_reducing(monkeypatch, tmp_path, scale):
    picture = photo(203, 161)
    monkeypatch.setattr(strokes, "_STRIP_BYTES", 203 * 3 * 40)
    canvas = DiskCanvas(tmp_path / "a.raw", 161, 203)
    canvas.write(slice(0, 161), slice(0, 203), np.asarray(picture))
    small = reduced(canvas, scale)
    expected = picture.resize((round(203 / scale), round(161 / scale)), Image.Resampling.LANCZOS)
    found = small.read(slice(0, small.height), slice(0, small.width)).astype(int)
    assert np.abs(found - np.asarray(expected).astype(int)).max() <= 1


def test_a_photo_stylized_as_itself_comes_back_sharp():
    # The slope is then nearly 1 where there are edges, so the detail lost in reducing comes back.
    grey = photo(240, 160).convert("L").point(lambda value: 200 if value > 70 else 40).convert("RGB")
    small = grey.resize((80, 53), Image.Resampling.LANCZOS)
    soft = np.asarray(small.resize(grey.size, Image.Resampling.BICUBIC)).astype(float) / 255
    sharp, truth = enlarged(grey, small, small), np.asarray(grey).astype(float) / 255
    assert np.abs(sharp - truth).mean() < 0.5 * np.abs(soft - truth).mean()


def test_where_strokes_have_nothing_to_do_with_the_photo_it_adds_no_detail():
    picture = photo(240, 160)
    small = picture.resize((80, 53), Image.Resampling.LANCZOS)
    flat = Image.new("RGB", (80, 53), (200, 100, 50))
    expected = np.array((200, 100, 50)) / 255
    assert np.abs(enlarged(picture, small, flat) - expected).max() < 1e-5


def test_tiles_leave_no_seams(monkeypatch):
    picture = photo(240, 160)
    small = picture.resize((100, 67), Image.Resampling.LANCZOS)
    stylized = photo(67, 100).transpose(Image.Transpose.TRANSPOSE)
    one = enlarged(picture, small, stylized)
    monkeypatch.setattr(strokes, "_TILE_SIDE", 50)
    np.testing.assert_allclose(enlarged(picture, small, stylized), one, atol=1e-4)
