import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fastst.stylize.tiling.canvas import MemoryCanvas
from fastst.stylize.tiling.geometry import Geometry, measure_geometry
from fastst.stylize.tiling.tiles import Span, Tile, cut, read_pixels, stylize_tiles, whole

from .networks import photo, small_network


@settings(deadline=None, max_examples=50)
@given(
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    side=st.integers(16, 400),
    reach=st.integers(0, 50),
    alignment=st.sampled_from([1, 2, 4, 8]),
)
def test_tiles_cover_each_pixel_once_and_see_far_enough(height, width, side, reach, alignment):
    geometry = Geometry(reach=reach, alignment=alignment)
    seen = torch.zeros(height, width)
    for tile in cut(height, width, side=side, geometry=geometry):
        seen[tile.inner] += 1
        for span, length in ((tile.rows, height), (tile.columns, width)):
            assert span.start % alignment == 0 and span.outer_start % alignment == 0
            assert span.stop - span.start <= max(side, alignment)
            assert span.outer_start == 0 or span.outer_start <= span.start - reach
            assert span.outer_stop == length or span.outer_stop >= span.stop + reach
            assert span.is_last == (span.stop == length)
    assert (seen == 1).all()


def test_tiles_are_of_about_equal_size():
    tiles = cut(8, 103, side=50, geometry=Geometry(reach=5, alignment=4))
    assert [(tile.columns.start, tile.columns.stop) for tile in tiles] == [(0, 36), (36, 72), (72, 103)]
    # 5 px of reach become 8, a multiple of 4.
    assert (tiles[1].columns.outer_start, tiles[1].columns.outer_stop) == (28, 80)


@pytest.mark.parametrize(
    ("length", "expected"),
    [(104, slice(8, 88)), (52, slice(4, 44)), (26, slice(2, 22))],
)
def test_the_inner_part_of_maps_at_strides_1_2_and_4(length, expected):
    assert Span(40, 120, 32, 136, is_last=False).inner_of(length) == expected


def test_at_the_end_of_the_picture_the_inner_part_takes_what_the_network_padded():
    # 67 px of input at stride 4 make 17; at stride 1, after upsampling, 68.
    span = Span(40, 99, 32, 99, is_last=True)
    assert span.inner_of(17) == slice(2, 17)
    assert span.inner_of(68) == slice(8, 68)


def test_a_whole_picture_is_one_tile():
    tile = whole(5, 7)
    assert tile.inner == tile.outer == (slice(0, 5), slice(0, 7))


def painted_in_tiles(network: torch.nn.Module, canvas: MemoryCanvas, *, side: int) -> tuple[Tensor, int]:
    result = torch.full((1, 3, canvas.height, canvas.width), torch.nan)
    tiles = 0

    def put(tile: Tile, content: Tensor, stylized: Tensor) -> None:
        nonlocal tiles
        tiles += 1
        assert content.shape == stylized.shape
        result[..., tile.rows.inner, tile.columns.inner] = stylized

    stylize_tiles(network, canvas, put, geometry=measure_geometry(network), side=side)
    return result, tiles


@pytest.mark.parametrize("architecture", ["classic", "swift", "brush-wide", "shuffled"])
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
    stylize_tiles(
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

    def put(tile: Tile, content: Tensor, stylized: Tensor) -> None:
        seen[tile.inner] = (content[0] * 255).round().byte().permute(1, 2, 0).numpy()

    stylize_tiles(network, MemoryCanvas(image), put, geometry=measure_geometry(network), side=40)
    assert (seen == np.asarray(image)).all()
