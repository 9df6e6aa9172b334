from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from torch import nn

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.errors import FaststError, UsageError
from fastst.live.loop import Controls, Shown
from fastst.live.recording import Recorder
from fastst.live.shelf import StyleShelf
from fastst.live.stage import Stage
from fastst.live.window import Command, command_of, key_lines, side_by_side, with_text
from fastst.stylize.stylizer import Stylizer


class FakeWindow:
    """Gives the commands that it was told to, and keeps the pictures."""

    def __init__(self, *commands: Command) -> None:
        self.pictures: list[NDArray[np.uint8]] = []
        self.full_screen = 0
        self.closed = False
        self._commands = list(commands)

    def show(self, picture: NDArray[np.uint8]) -> Command | None:
        self.pictures.append(picture)
        return self._commands.pop(0) if self._commands else None

    def toggle_full_screen(self) -> None:
        self.full_screen += 1

    def close(self) -> None:
        self.closed = True


def shown(at: float = 0.0, level: int = 200) -> Shown:
    return Shown(np.full((96, 128, 3), level, np.uint8), np.full((96, 128, 3), 20, np.uint8), at)


def make_stage(folder: Path, *commands: Command) -> tuple[Stage, FakeWindow, Controls]:
    shelf = StyleShelf(["a", "b"], lambda name: Stylizer(nn.Identity(), {}, device="cpu"))
    shelf.wait()
    window, controls = FakeWindow(*commands), Controls()
    stage = Stage(
        window,  # type: ignore[arg-type]
        shelf,
        controls,
        folder=folder,
        start_recording=lambda path: Recorder(path, width=128, height=96, fps=30),
    )
    return stage, window, controls


def test_every_command_has_a_key_and_a_line_in_the_help() -> None:
    meant = {command_of(code) for code in range(256)} - {None}
    assert meant == set(Command)
    assert len(key_lines()) == len(Command)
    assert "space: screenshot" in key_lines() and "q or Esc: quit" in key_lines()


def test_keys_as_opencv_gives_them() -> None:
    assert command_of(-1) is None
    assert command_of(ord("N")) is Command.NEXT_STYLE
    assert command_of(0x100000 | ord("q")) is Command.QUIT  # with a lock key's bit


def test_strength_stays_within_its_range(tmp_path: Path) -> None:
    stage, _, controls = make_stage(tmp_path)
    for _ in range(12):
        stage.obey(Command.WEAKER)
    assert controls.strength == 0
    stage.obey(Command.STRONGER)
    assert controls.strength == 0.1


def test_switches(tmp_path: Path) -> None:
    stage, window, controls = make_stage(
        tmp_path, Command.KEEP_COLORS, Command.SMOOTH, Command.SIDE_BY_SIDE, Command.FULL_SCREEN, Command.QUIT
    )
    for _ in range(5):
        stage.show(shown())
    assert controls.keep_colors and controls.smooth and stage.is_over
    assert window.full_screen == 1
    assert window.pictures[0][0, 10, 0] == 200 and window.pictures[-1][0, 10, 0] == 20


def test_a_screenshot_is_the_picture_without_the_overlay(tmp_path: Path) -> None:
    stage, window, _ = make_stage(tmp_path, Command.SCREENSHOT, Command.SCREENSHOT)
    stage.show(shown())
    stage.show(shown())
    files = list(tmp_path.glob("fastst-*.png"))
    assert len(files) == 2
    with Image.open(files[0]) as png:
        assert np.asarray(png).min() == 200
    assert window.pictures[0].min() < 200


def test_recording_keeps_the_times(tmp_path: Path) -> None:
    stage, _, _ = make_stage(tmp_path, Command.RECORD, *[None] * 3, Command.RECORD)  # type: ignore[list-item]
    for at in (9.0, 10.0, 10.25, 10.3, 11.0):
        stage.show(shown(at))
    assert stage.recorder is None
    (film,) = tmp_path.glob("fastst-*.mp4")
    with av.open(str(film)) as recorded:
        times = [frame.pts * frame.time_base for frame in recorded.decode(video=0)]
    assert times == [0, Fraction(1, 4), Fraction(3, 10), 1]


def test_a_recording_ends_with_the_window(tmp_path: Path) -> None:
    stage, window, _ = make_stage(tmp_path, Command.RECORD)
    stage.show(shown(1.0))
    stage.show(shown(2.0))
    assert not list(tmp_path.glob("fastst-*.mp4"))
    stage.close()
    assert window.closed and len(list(tmp_path.glob("fastst-*.mp4"))) == 1


def test_what_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    stage, window, _ = make_stage(tmp_path / "file", Command.SCREENSHOT, Command.RECORD)
    stage.show(shown())
    stage.show(shown())
    assert not stage.is_over and len(window.pictures) == 2


class TestRecorder:
    def test_nothing_came(self, tmp_path: Path) -> None:
        recorder = Recorder(tmp_path / "out.mp4", width=64, height=48, fps=30)
        with pytest.raises(FaststError, match="nothing was recorded"):
            recorder.close()
        assert not list(tmp_path.iterdir())

    def test_an_unknown_suffix(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="xyz"):
            Recorder(tmp_path / "out.xyz", width=64, height=48, fps=30)


def test_side_by_side_is_half_and_half() -> None:
    joined = side_by_side(np.zeros((4, 10, 3), np.uint8), np.full((4, 10, 3), 9, np.uint8))
    assert joined[0, :, 0].tolist() == [0, 0, 0, 0, 255, 255, 9, 9, 9, 9]


@pytest.mark.parametrize("size", [(8, 8), (48, 64), (720, 1280)])
def test_text_fits_any_picture_and_leaves_the_original(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 128, np.uint8)
    written = with_text(picture, "starry-night 30 fps", helps=key_lines(), records=True)
    assert written.shape == picture.shape and (picture == 128).all()
    assert (written != 128).any()
