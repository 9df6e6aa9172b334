import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.tiling.geometry import Geometry
from fastst.tiling.tiles import Span, cut, whole


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
