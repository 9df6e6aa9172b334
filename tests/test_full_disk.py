"""A disk that is full at any moment gives an error and no file, whatever writes and in whatever format."""

import copy
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from fastst.engines.onnx_export import export
from fastst.errors import FaststError
from fastst.images.pictures import Picture, write_picture
from fastst.networks import build
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling.canvas import DiskCanvas
from fastst.training.state import Progress, save_state
from fastst.video.conversion import stylize_film

Writer = Callable[[Path], object]


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """Let a file grow to ``size`` bytes: as on a full disk, a write takes only a part, and the next fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def check_every_amount_of_room(write: Writer, file: Path) -> None:
    write(file)
    whole = file.read_bytes()
    before = sorted(path.name for path in file.parent.iterdir())
    for room in (len(whole) - 1, len(whole) // 2, 100, 0):
        with disk_with_room_for(room), pytest.raises(FaststError) as caught:
            write(file)
        assert caught.value.exit_code == 1 and file.name in str(caught.value)
        assert file.read_bytes() == whole
        assert sorted(path.name for path in file.parent.iterdir()) == before


def noise(height: int = 120, width: int = 160) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp"])
def test_pictures(suffix, tmp_path):
    picture = Picture(rgb=Image.fromarray(noise()))
    check_every_amount_of_room(lambda file: write_picture(picture, file), tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_pictures_written_strip_by_strip(suffix, tmp_path):
    pytest.importorskip("pyvips")
    from fastst.stylize import large_files

    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "photo.raw").write_bytes(noise().tobytes())
    canvas = DiskCanvas(tmp_path / "work" / "photo.raw", 120, 160)
    (tmp_path / "out").mkdir()
    check_every_amount_of_room(
        lambda file: large_files._pack(canvas, canvas, file, {}), tmp_path / "out" / f"a{suffix}"
    )


def test_the_work_on_a_large_picture(tmp_path):
    with disk_with_room_for(1000), pytest.raises(OSError):
        DiskCanvas(tmp_path / "a.raw", 120, 160)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".gif"])
def test_films(suffix, tmp_path, make_film):
    film = make_film(frames=6)
    stylizer = Stylizer(nn.Identity(), {}, device="cpu")
    (tmp_path / "out").mkdir()
    check_every_amount_of_room(
        lambda file: stylize_film(stylizer, film, file, overwrite=True), tmp_path / "out" / f"a{suffix}"
    )


def test_checkpoints_states_and_exports(tmp_path):
    network = build("swift", width=4)
    metadata = Metadata(
        architecture="swift", options={"width": 4}, title="t", steps=1, data="d", fastst_version="0"
    )
    check_every_amount_of_room(
        lambda file: save_checkpoint(file, network, metadata), tmp_path / "a.safetensors"
    )
    optimizers = {"optimizer": torch.optim.Adam(network.parameters())}
    check_every_amount_of_room(
        lambda file: save_state(
            file,
            network=network,
            ema=copy.deepcopy(network),
            optimizers=optimizers,
            balance={},
            progress=Progress(1, 1.0),
            settings={},
        ),
        tmp_path / "a.state.safetensors",
    )
    pytest.importorskip("onnxruntime")
    check_every_amount_of_room(lambda file: export("starry-night", file, overwrite=True), tmp_path / "a.onnx")
