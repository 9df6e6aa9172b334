import numpy as np
import pytest
import torch
from torch import Tensor

from fastst.engines.base import frame_colors
from fastst.errors import UsageError
from fastst.stylize.options import StylizeOptions
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling import tiler as tiler_module
from fastst.stylize.tiling.canvas import DiskCanvas, MemoryCanvas

from .networks import photo, small_network

WIDTH, HEIGHT = 400, 100
MEMORY = {"classic": "4M", "shuffled": "2M"}


@pytest.fixture
def little_memory(monkeypatch):
    """Leave as much memory as the stylizer is given, as if the process itself took none."""
    monkeypatch.setattr(tiler_module, "memory_left", lambda memory, device: memory)


def difference(one: object, other: object) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


def stylizers(architecture: str) -> tuple[Stylizer, Stylizer]:
    network = small_network(architecture)
    tiled = Stylizer(network, {}, device="cpu", memory=MEMORY[architecture])
    assert not tiled.tiler.takes_whole(WIDTH, HEIGHT)
    return Stylizer(network, {}, device="cpu", memory="4G"), tiled


@pytest.mark.parametrize("architecture", ["classic", "shuffled"])
@pytest.mark.parametrize(
    "options",
    [{}, {"strength": 0.6, "keep_colors": True, "size": 401}, {"stroke_size": 1.3, "strength": 0.9}],
)
def test_little_memory_gives_the_same_picture(little_memory, monkeypatch, architecture, options):
    monkeypatch.setattr(tiler_module, "multiplies_in_bf16", lambda device: False)
    whole, tiled = stylizers(architecture)
    picture = photo(WIDTH, HEIGHT)
    # Now and then a value lies between two steps of 8 bits.
    assert difference(tiled(picture, **options), whole(picture, **options)) < 1e-3


@pytest.mark.parametrize("architecture", ["classic", "shuffled"])
def test_bfloat16_keeps_within_a_step_of_8_bits(little_memory, monkeypatch, architecture):
    monkeypatch.setattr(tiler_module, "multiplies_in_bf16", lambda device: True)
    whole, tiled = stylizers(architecture)
    picture = photo(WIDTH, HEIGHT)
    assert 1e-3 < difference(tiled(picture), whole(picture)) < 1


def test_a_seam_energy_test_at_tile_borders(little_memory):
    _, tiled = stylizers("classic")
    picture = photo(WIDTH, HEIGHT)
    columns: set[int] = set()
    result = torch.zeros(3, HEIGHT, WIDTH)

    def put(tile, content: Tensor, stylized: Tensor) -> None:
        columns.add(tile.columns.start)
        result[..., tile.rows.inner, tile.columns.inner] = stylized[0]

    tiled.tiler.paint(MemoryCanvas(picture), put)
    borders = sorted(columns - {0})
    assert len(borders) >= 2
    bends = result.diff(n=2, dim=2).abs().mean(dim=(0, 1))
    at_borders = torch.stack([bends[border - 2 : border].mean() for border in borders]).mean()
    assert abs(at_borders - bends.mean()) < 3 * bends.std() / (2 * len(borders)) ** 0.5


def test_disk_and_memory_give_the_same(little_memory, monkeypatch, tmp_path):
    monkeypatch.setattr(tiler_module, "multiplies_in_bf16", lambda device: False)
    _, tiled = stylizers("shuffled")
    picture = photo(WIDTH, HEIGHT)
    on_disk = DiskCanvas(tmp_path / "photo.raw", HEIGHT, WIDTH)
    on_disk.write(slice(0, HEIGHT), slice(0, WIDTH), np.asarray(picture))
    painted = on_disk.blank(HEIGHT, WIDTH)
    tiled.stylize_canvas(on_disk, painted, options=StylizeOptions(stroke_size=1.3))
    expected = tiled(picture, stroke_size=1.3)
    assert difference(painted.read(slice(0, HEIGHT), slice(0, WIDTH)), expected) < 1e-2


def test_strokes_are_larger(little_memory):
    """A network that draws a pattern of its own, 8 px long, draws it 16 px long at stroke size 2."""

    class Stripes(torch.nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            wave = 0.5 + 0.5 * torch.sin(torch.arange(image.shape[-1]) * (2 * torch.pi / 8))
            return wave.expand_as(image)

    stylizer = Stylizer(Stripes(), {}, device="cpu", memory="1G")
    grey = torch.full((3, 64, 256), 0.5)
    for stroke_size, period in ((1, 8), (2, 16), (4, 32)):
        row = stylizer(grey, stroke_size=stroke_size)[0, 32]
        assert int(torch.fft.rfft(row - row.mean()).abs().argmax()) == 256 // period


def test_memory_that_was_freed_and_kept_is_not_counted_again():
    stylizer = Stylizer(small_network("shuffled"), {}, device="cpu", memory="2G")
    room = stylizer.tiler.room
    stylizer(photo(WIDTH, HEIGHT))
    kept = np.ones(2**26, np.uint8)
    assert stylizer.tiler.room == room and kept[0] == 1
    assert stylizer.tiler.takes_whole(1000, 1000)
    assert not stylizer.tiler.takes_whole(1000, 1000, held=room)


def test_memory_too_little_for_any_tile():
    tiled = Stylizer(small_network("classic"), {}, device="cpu", memory="10M")
    with pytest.raises(UsageError, match="MiB more"):
        tiled(photo(WIDTH, HEIGHT))


class TestFrames:
    @pytest.fixture
    def both(self, little_memory: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Stylizer, Stylizer]:
        """Return two stylizers with one network, the second of which has room for tiles only."""
        monkeypatch.setattr(tiler_module, "multiplies_in_bf16", lambda device: False)
        network = small_network("brush-wide")
        whole, tiled = (Stylizer(network, {}, device="cpu", memory=memory) for memory in ("4G", "4M"))
        assert whole.tiler.takes_whole(WIDTH, HEIGHT) and not tiled.tiler.takes_whole(WIDTH, HEIGHT)
        return whole, tiled

    def test_the_same_in_tiles_by_the_colors_of_the_film(self, both: tuple[Stylizer, Stylizer]) -> None:
        whole, tiled = both
        frame = np.asarray(photo(WIDTH, HEIGHT))
        film = frame_colors(255 - frame)
        assert difference(tiled.frame(frame, film), whole.frame(frame, film)) < 1e-2
        assert difference(tiled.frame(frame, film), tiled.frame(frame)) > 1

    def test_the_same_in_tiles_by_its_own_colors(self, both: tuple[Stylizer, Stylizer]) -> None:
        whole, tiled = both
        frame = np.asarray(photo(WIDTH, HEIGHT))
        assert difference(tiled.frame(frame), whole.frame(frame)) < 1e-2

    def test_no_engine_runs_what_is_too_large(
        self, both: tuple[Stylizer, Stylizer], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, tiled = both
        monkeypatch.setattr(tiled, "engine", None)
        frame = np.asarray(photo(WIDTH, HEIGHT))
        assert tiled.frame(frame).shape == frame.shape
