"""What the user sees and does: the window with its overlay, and the commands of its keys."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PIL import Image

from fastst.errors import FaststError
from fastst.images.pictures import Picture, write_picture
from fastst.live.loop import Controls, Shown
from fastst.live.recording import Recorder
from fastst.live.shelf import StyleShelf
from fastst.live.statistics import LiveStatistics
from fastst.live.window import Command, Window, key_lines, side_by_side, with_text

_STRENGTH_STEP = 0.1
_MESSAGE_FRAMES = 60


class Stage:
    """Shows each picture in a window and carries out what the keys ask for.

    Attributes:
        is_over: whether the user has quit.
        recorder: the recording that is running, if one is.

    Args:
        window: where to show.
        shelf: whose styles to step through.
        controls: to change.
        folder: where screenshots and recordings go.
        start_recording: returns a recorder into a file.
    """

    def __init__(
        self,
        window: Window,
        shelf: StyleShelf,
        controls: Controls,
        *,
        folder: Path,
        start_recording: Callable[[Path], Recorder],
    ) -> None:
        self.is_over = False
        self.recorder: Recorder | None = None
        self.statistics: LiveStatistics | None = None
        self.dropped: Callable[[], int] = lambda: 0
        self._window = window
        self._shelf = shelf
        self._controls = controls
        self._folder = folder
        self._start_recording = start_recording
        self._is_side_by_side = False
        self._shows_help = False
        self._message = "h: keys"
        self._message_left = _MESSAGE_FRAMES
        self._last: Shown | None = None

    def show(self, shown: Shown) -> None:
        """Show a picture, record it if asked, and do what the keys say."""
        self._last = shown
        if self.recorder is not None:
            self.recorder.show(shown)
        picture = side_by_side(shown.source, shown.rgb) if self._is_side_by_side else shown.rgb
        helps = key_lines() if self._shows_help else []
        command = self._window.show(
            with_text(picture, self._line(), helps=helps, records=self.recorder is not None)
        )
        if command is not None:
            self.obey(command)

    def obey(self, command: Command) -> None:
        """Carry out a command; what fails is said in the overlay and ends nothing."""
        controls = self._controls
        try:
            match command:
                case Command.NEXT_STYLE:
                    self._shelf.step(1)
                case Command.PREVIOUS_STYLE:
                    self._shelf.step(-1)
                case Command.STRONGER:
                    controls.strength = min(1.0, round(controls.strength + _STRENGTH_STEP, 2))
                case Command.WEAKER:
                    controls.strength = max(0.0, round(controls.strength - _STRENGTH_STEP, 2))
                case Command.KEEP_COLORS:
                    controls.keep_colors = not controls.keep_colors
                case Command.SIDE_BY_SIDE:
                    self._is_side_by_side = not self._is_side_by_side
                case Command.SMOOTH:
                    controls.smooth = not controls.smooth
                case Command.RECORD:
                    self._toggle_recording()
                case Command.SCREENSHOT:
                    self._take_screenshot()
                case Command.FULL_SCREEN:
                    self._window.toggle_full_screen()
                case Command.HELP:
                    self._shows_help = not self._shows_help
                case Command.QUIT:
                    self.is_over = True
        except FaststError as error:
            self._say(str(error))

    def close(self) -> None:
        """Finish a recording and take the window away.

        Raises:
            FaststError: if the recording could not be written.
        """
        self._window.close()
        if self.recorder is not None:
            recorder, self.recorder = self.recorder, None
            recorder.close()

    def _line(self) -> str:
        parts = [self._shelf.name]
        if self._controls.strength < 1:
            parts.append(f"{100 * self._controls.strength:.0f} %")
        if self._controls.keep_colors:
            parts.append("own colors")
        if self._controls.smooth:
            parts.append("smooth")
        if self.statistics is not None:
            parts += [f"{self.statistics.recent_fps:.1f} fps", f"{self.statistics.latency_ms:.0f} ms"]
            parts.append(f"{self.dropped()} dropped")
        if self._message_left > 0:
            self._message_left -= 1
            parts.append(self._message)
        return "  ".join(parts)

    def _say(self, message: str) -> None:
        self._message, self._message_left = message, _MESSAGE_FRAMES

    def _toggle_recording(self) -> None:
        if self.recorder is None:
            self.recorder = self._start_recording(self._new_file(".mp4"))
            self._say(f"records {self.recorder.path.name}")
            return
        recorder, self.recorder = self.recorder, None
        recorder.close()
        self._say(f"wrote {recorder.path.name}")

    def _take_screenshot(self) -> None:
        if self._last is None:
            return
        file = self._new_file(".png")
        write_picture(Picture(rgb=Image.fromarray(self._last.rgb)), file)
        self._say(f"wrote {file.name}")

    def _new_file(self, suffix: str) -> Path:
        stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
        file, number = self._folder / f"fastst-{stamp}{suffix}", 1
        while file.exists():
            number += 1
            file = self._folder / f"fastst-{stamp}-{number}{suffix}"
        return file
