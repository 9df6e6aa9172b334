"""One stylizer, used from several threads at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fastst.engines import engine_kind, engine_names
from fastst.networks import build
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling import tiler
from fastst.stylize.tiling.memory import bytes_per_pixel

SIZES = [(64, 80), (80, 64), (64, 80), (96, 72)]


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return build("brush", width=8, half=4, blocks=1).eval()


def frame(number: int) -> NDArray[np.uint8]:
    """A picture of smooth shades with grain, another for each number, of one of the sizes."""
    height, width = SIZES[number % len(SIZES)]
    rows, columns = np.mgrid[0:height, 0:width]
    shades = np.stack([rows, columns, np.full_like(rows, 30 * number)], axis=-1)
    return (shades + np.random.default_rng(number).integers(0, 60, shades.shape)).astype(np.uint8)


@pytest.mark.parametrize("name", [name for name in engine_names() if name not in ("auto", "torch-compile")])
def test_every_thread_gets_its_own_picture(name: str, network: nn.Module) -> None:
    if reason := engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    stylizer = Stylizer(network, {}, device="cpu", engine=name)
    frames = [frame(number) for number in range(4)]

    def paint(turn: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        return stylizer.frame(frames[turn % 4]), stylizer(frames[(turn + 1) % 4])

    expected = [paint(turn) for turn in range(4)]
    with ThreadPoolExecutor(4) as threads:
        for turn, found in enumerate(threads.map(paint, range(80))):
            for one, other in zip(found, expected[turn % 4], strict=True):
                assert np.abs(one.astype(int) - other).max() <= 1, turn


def test_tiles_beside_whole_pictures(network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiler.Tiler, "takes_whole", lambda self, width, height, **held: height < 200)
    stylizer = Stylizer(network, {}, device="cpu")
    large = np.tile(frame(0), (4, 4, 1))

    def paint(turn: int) -> NDArray[np.uint8]:
        return stylizer.frame(large if turn % 2 else frame(1))

    expected = [paint(0), paint(1)]
    with ThreadPoolExecutor(4) as threads:
        for turn, found in enumerate(threads.map(paint, range(16))):
            assert np.abs(found.astype(int) - expected[turn % 2]).max() <= 1, turn


def test_what_others_paint_meanwhile_counts_not_as_memory(
    network: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = bytes_per_pixel(network)
    real = torch.zeros

    def while_another_thread_paints(*shape: int, **options: Any) -> Tensor:
        monkeypatch.setattr(torch, "zeros", real)
        network(torch.rand(1, 3, 256, 256))
        return real(*shape, **options)

    monkeypatch.setattr(torch, "zeros", while_another_thread_paints)
    assert bytes_per_pixel(network) == expected
    assert torch.zeros is real
