import pytest
import torch
from torch import nn

from fastst.errors import FaststError, UsageError
from fastst.networks import build
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling.geometry import Geometry
from fastst.stylize.tiling.memory import (
    bytes_per_pixel,
    default_memory,
    memory_left,
    name_shortage,
    parse_memory,
    tile_side,
)

GEOMETRY = Geometry(reach=59, alignment=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2G", 2**31), ("800M", 800 * 2**20), ("1.5 GiB", 3 * 2**29), ("64kb", 65536), ("1000", 1000)],
)
def test_amounts(text, expected):
    assert parse_memory(text) == expected


@pytest.mark.parametrize("text", ["", "much", "2X", "-2G", "0G", "2G2"])
def test_no_amounts(text):
    with pytest.raises(UsageError, match="memory is"):
        parse_memory(text)


@pytest.mark.parametrize("number", [0, -1])
def test_no_numbers_of_bytes(number):
    with pytest.raises(UsageError, match=f"memory is {number}"):
        Stylizer(nn.Identity(), {}, device="cpu", memory=number)


def test_what_a_layer_takes():
    # Input 4 channels and a copy, output 2 channels: (2 * 4 + 2) * 4 bytes, half as much, and the picture.
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1))
    assert bytes_per_pixel(network) == pytest.approx(60 + 48)
    assert len(network[0]._forward_hooks) == 0


def test_wider_networks_take_more():
    narrow, wide = (bytes_per_pixel(build("classic", width=width).eval()) for width in (4, 8))
    assert (wide - 48) / (narrow - 48) == pytest.approx(2, rel=0.05)


def test_the_side_of_tiles():
    # 1000 x 1000 px of 100 bytes, of which 60 px on each side are overlap
    assert tile_side(memory=100_000_000, pixel_bytes=100, geometry=GEOMETRY) == 880
    assert tile_side(memory=10**12, pixel_bytes=100, geometry=GEOMETRY) == 2048


@pytest.mark.parametrize("memory", [0, -5_000_000, 3_000_000])
def test_too_little_for_any_tile(memory):
    with pytest.raises(UsageError, match="MiB more"):
        tile_side(memory=memory, pixel_bytes=100, geometry=GEOMETRY)


def test_the_process_counts():
    left = memory_left(2**40, torch.device("cpu"))
    assert 2**40 - 2**36 < left < 2**40 - 2**26
    assert 0 < default_memory(torch.device("cpu")) < 2**50


def test_a_shortage_is_named():
    with pytest.raises(FaststError, match="30 x 20"), name_shortage(torch.device("cpu"), 30, 20):
        raise MemoryError
    with pytest.raises(RuntimeError, match="something else"), name_shortage(torch.device("cpu"), 30, 20):
        raise RuntimeError("something else")
