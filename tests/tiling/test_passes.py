import numpy as np
import pytest
import torch
from torch import Tensor

from fastst.tiling.canvas import MemoryCanvas
from fastst.tiling.geometry import measure_geometry
from fastst.tiling.passes import paint_tiles, read_pixels
from fastst.tiling.tiles import Tile, whole

from .networks import photo, small_network


def painted_in_tiles(network: torch.nn.Module, canvas: MemoryCanvas, *, side: int) -> tuple[Tensor, int]:
    result = torch.full((1, 3, canvas.height, canvas.width), torch.nan)
    tiles = 0

    def put(tile: Tile, content: Tensor, stylised: Tensor) -> None:
        nonlocal tiles
        tiles += 1
        assert content.shape == stylised.shape
        result[..., tile.rows.inner, tile.columns.inner] = stylised

    paint_tiles(network, canvas, put, geometry=measure_geometry(network), side=side)
    return result, tiles


@pytest.mark.parametrize("architecture", ["classic", "swift", "shuffled"])
@pytest.mark.parametrize(("width", "height", "side"), [(200, 160, 64), (203, 145, 80), (301, 37, 48)])
def test_tiles_are_what_the_whole_would_be(architecture, width, height, side):
    network, canvas = small_network(architecture), MemoryCanvas(photo(width, height))
    with torch.inference_mode():
        expected = network(read_pixels(canvas, whole(height, width).outer, torch.device("cpu")))
    result, tiles = painted_in_tiles(network, canvas, side=side)
    assert tiles > 3
    torch.testing.assert_close(result, expected, rtol=0, atol=2e-5)


def test_each_tile_with_its_own_statistics_would_be_far_off():
    """The test above can fail: this is what tiles give without the whole picture's statistics."""
    network, canvas = small_network("classic"), MemoryCanvas(photo(203, 145))
    device = torch.device("cpu")
    with torch.inference_mode():
        expected = network(read_pixels(canvas, whole(145, 203).outer, device))
        left = network(read_pixels(canvas, (slice(0, 145), slice(0, 140)), device))
    assert (left[..., :80] - expected[..., :80]).abs().mean() > 1 / 255


def test_progress_grows_to_one():
    shares: list[float] = []
    network = small_network("shuffled")
    paint_tiles(
        network,
        MemoryCanvas(photo(100, 80)),
        lambda *_: None,
        geometry=measure_geometry(network),
        side=40,
        on_progress=shares.append,
    )
    assert shares == sorted(shares) and shares[0] > 0
    assert shares[-1] == pytest.approx(1)


def test_the_photo_comes_with_the_tile():
    network, image = small_network("shuffled"), photo(90, 70)
    seen = np.zeros((70, 90, 3), np.uint8)

    def put(tile: Tile, content: Tensor, stylised: Tensor) -> None:
        seen[tile.inner] = (content[0] * 255).round().byte().permute(1, 2, 0).numpy()

    paint_tiles(network, MemoryCanvas(image), put, geometry=measure_geometry(network), side=40)
    assert (seen == np.asarray(image)).all()
