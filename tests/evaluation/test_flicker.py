import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.errors import FaststError
from fastst.evaluation.flicker import clip_flicker, known_motion_errors, measure_flicker, true_flow_flicker
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings
from tests.video.test_flow import texture

Pixels = NDArray[np.uint8]


class Flickering:
    """A painter that makes every other frame brighter by so many levels."""

    def __init__(self, levels: int) -> None:
        self._levels = levels
        self._count = 0

    def __call__(self, rgb: Pixels) -> Pixels:
        self._count += 1
        return np.clip(rgb.astype(int) + self._levels * (self._count % 2), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten frames of 128x96: still, but for a square that moves in the upper left corner; lossless."""
    folder = tmp_path_factory.mktemp("clip")
    (folder / "in").mkdir()
    for number in range(10):
        pixels = texture() // 2 + 40
        pixels[4:14, 4 + 2 * number : 14 + 2 * number] = 255
        Image.fromarray(pixels).save(folder / "in" / f"{number}.png")
    identity = Stylizer(torch.nn.Identity(), {}, device="cpu")
    stylize_film(identity, folder / "in", folder / "clip.mkv", VideoSettings(crf=0))
    return str(folder / "clip.mkv")


def test_flicker_of_a_known_size_is_measured(clip: str) -> None:
    found = clip_flicker(Flickering(10), clip, size=128, most_frames=100)
    assert (found.frames, found.cuts) == (9, 0)
    assert found.still is not None
    assert found.still.stylized * 255 == pytest.approx(10, abs=0.1)
    assert found.still.input == pytest.approx(0, abs=1e-3)
    assert found.warping.stylized * 255 == pytest.approx(10, abs=0.7)
    # The square sweeps 28x10 px; 16 more px each way are left out, as far as the picture goes.
    assert found.still_share == pytest.approx(1 - 48 * 30 / (128 * 96), abs=0.005)


def test_the_untouched_clip_is_its_own_floor(clip: str) -> None:
    found = clip_flicker(lambda rgb: rgb, clip, size=128, most_frames=5)
    assert found.frames == 4
    assert found.warping.stylized == found.warping.input


def test_known_motion_costs_a_painter_that_follows_it_only_the_noise() -> None:
    photo = torch.from_numpy(texture()).permute(2, 0, 1)[None] / 255
    painted, untouched = known_motion_errors(lambda rgb: 255 - rgb, photo, seed=0)
    assert untouched.root_mean * 255 == pytest.approx(2, abs=0.2)
    assert painted.root_mean == pytest.approx(untouched.root_mean, rel=0.05)
    flickering, _ = known_motion_errors(Flickering(20), photo, seed=0)
    assert flickering.root_mean > 3 * untouched.root_mean


class TestTrueFlow:
    def folder(self, tmp_path: Path) -> Path:
        one = texture()
        Image.fromarray(one).save(tmp_path / "1.png")
        Image.fromarray(np.roll(one, 3, axis=1)).save(tmp_path / "2.png")
        flow = np.broadcast_to(np.float32([3, 0]), (96, 128, 2))
        (tmp_path / "flow.flo").write_bytes(b"PIEH" + struct.pack("<ii", 128, 96) + flow.tobytes())
        return tmp_path

    def test_by_hand(self, tmp_path: Path) -> None:
        found = true_flow_flicker(Flickering(10), self.folder(tmp_path))
        assert found.input == 0
        assert found.stylized * 255 == pytest.approx(10, abs=0.5)

    def test_a_folder_that_lacks_something(self, tmp_path: Path) -> None:
        (self.folder(tmp_path) / "2.png").unlink()
        with pytest.raises(FaststError, match="1 pictures and 1"):
            true_flow_flicker(lambda rgb: rgb, tmp_path)


def test_the_whole_report(clip: str, photo: Path) -> None:
    steps: list[tuple[int, int]] = []
    report = measure_flicker(
        Flickering(5),
        clips=[clip],
        photos=[photo],
        flow_folders=[],
        size=96,
        most_frames=4,
        smooth=True,
        on_step=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 2), (2, 2)]
    # Smoothed: 5 levels of flicker fall well below that.
    assert report["clips"][clip]["still"]["stylized"] * 255 < 3.5
    assert report["known_motion"]["stylized"] > report["known_motion"]["input"]
    assert report["true_flow"] == {}
