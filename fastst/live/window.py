"""The live window, OpenCV's: its keys, and what is written onto the picture."""

import os
import socket
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

import numpy as np

from fastst.errors import UsageError
from fastst.runtime import can_open_windows, load_opencv
from fastst.video.flow import Pixels

_TITLE = "fastst"
_X_PORT = 6000

_WHITE, _RED = (255, 255, 255), (235, 40, 40)
# The text's scale on a picture 720 px high.
_SCALE, _HEIGHT = 0.75, 720
_SHADE = 0.45


class Command(Enum):
    """What a key asks for."""

    NEXT_STYLE = "next style"
    PREVIOUS_STYLE = "previous style"
    STRONGER = "stronger"
    WEAKER = "weaker"
    KEEP_COLORS = "keep colors"
    SIDE_BY_SIDE = "side by side"
    SMOOTH = "smooth"
    RECORD = "record"
    SCREENSHOT = "screenshot"
    FULL_SCREEN = "full screen"
    HELP = "help"
    QUIT = "quit"


class Window:
    """A window that shows pictures and hears keys; all calls must come from the main thread.

    Args:
        width: of the pictures.
        height: likewise.

    Raises:
        UsageError: if there is no display, or OpenCV was built without windows.
    """

    def __init__(self, *, width: int, height: int) -> None:
        _check_display()
        self._cv2 = load_opencv("the window", "webcam")
        if not can_open_windows():
            raise UsageError("a window would hang, as PyAV was loaded before OpenCV; import cv2 first")
        # Qt would complain about fonts that nothing here needs.
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
        flags = self._cv2.WINDOW_NORMAL | self._cv2.WINDOW_KEEPRATIO | self._cv2.WINDOW_GUI_NORMAL
        try:
            self._cv2.namedWindow(_TITLE, flags)
        except self._cv2.error as error:
            raise UsageError(
                "this OpenCV has no windows; pip install opencv-python in place of opencv-python-headless, "
                "or give --headless"
            ) from error
        self._cv2.resizeWindow(_TITLE, width, height)
        self._is_full = False

    def show(self, picture: Pixels) -> Command | None:
        """Show (H, W, 3), RGB, and return what the user asked for since."""
        self._cv2.imshow(_TITLE, self._cv2.cvtColor(picture, self._cv2.COLOR_RGB2BGR))
        command = command_of(self._cv2.waitKey(1))
        if self._cv2.getWindowProperty(_TITLE, self._cv2.WND_PROP_VISIBLE) < 1:
            return Command.QUIT
        return command

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        self._is_full = not self._is_full
        state = self._cv2.WINDOW_FULLSCREEN if self._is_full else self._cv2.WINDOW_NORMAL
        self._cv2.setWindowProperty(_TITLE, self._cv2.WND_PROP_FULLSCREEN, state)

    def close(self) -> None:
        """Take the window away."""
        self._cv2.destroyAllWindows()


def _check_display() -> None:
    """Look for the display first: without one, OpenCV's toolkit ends the whole program."""
    if not sys.platform.startswith("linux") or os.environ.get("WAYLAND_DISPLAY"):
        return
    display = os.environ.get("DISPLAY", "")
    if not display:
        raise UsageError("there is no display here for the window; give --headless")
    if not _answers(display):
        raise UsageError(f"the display {display} does not answer; check DISPLAY, or give --headless")


def _answers(display: str) -> bool:
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    try:
        if host in ("", "unix"):
            with socket.socket(socket.AF_UNIX) as local:
                local.connect(str(Path(f"/tmp/.X11-unix/X{number}")))
        else:
            socket.create_connection((host, _X_PORT + int(number)), timeout=2).close()
    except OSError:
        return False
    return True


_ESCAPE = "\x1b"
_KEYS = {
    "n": Command.NEXT_STYLE,
    "p": Command.PREVIOUS_STYLE,
    "+": Command.STRONGER,
    "=": Command.STRONGER,
    "-": Command.WEAKER,
    "c": Command.KEEP_COLORS,
    "s": Command.SIDE_BY_SIDE,
    "m": Command.SMOOTH,
    "r": Command.RECORD,
    " ": Command.SCREENSHOT,
    "f": Command.FULL_SCREEN,
    "h": Command.HELP,
    "q": Command.QUIT,
    _ESCAPE: Command.QUIT,
}
_NAMES = {" ": "space", _ESCAPE: "Esc"}


def command_of(key: int) -> Command | None:
    """The command of a key code as OpenCV gives it; -1 is no key."""
    return _KEYS.get(chr(key & 0xFF).lower()) if key >= 0 else None


def key_lines() -> list[str]:
    """One line a command, with its keys."""
    lines = []
    for command in Command:
        keys = [_NAMES.get(key, key) for key, meant in _KEYS.items() if meant is command]
        lines.append(f"{' or '.join(keys)}: {command.value}")
    return lines


def side_by_side(source: Pixels, stylized: Pixels) -> Pixels:
    """The left half of the source beside the right half of the stylized picture, both (H, W, 3)."""
    middle = source.shape[1] // 2
    joined = np.concatenate((source[:, :middle], stylized[:, middle:]), axis=1)
    joined[:, max(middle - 1, 0) : middle + 1] = 255
    return joined


def with_text(picture: Pixels, line: str, *, helps: Sequence[str] = (), records: bool = False) -> Pixels:
    """A copy of the picture (H, W, 3) with a line at the bottom left on a darkened strip.

    Args:
        picture: what to write on.
        line: at the bottom.
        helps: lines at the top left.
        records: draw a red dot at the top right.
    """
    cv2 = load_opencv("the window", "webcam")
    picture = picture.copy()
    height, width = picture.shape[:2]
    scale = max(0.35, _SCALE * height / _HEIGHT)
    font, weight = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(2 * scale))
    row = round(36 * scale)

    def write(text: str, bottom: int) -> None:
        (long, _), _ = cv2.getTextSize(text, font, scale, weight)
        strip = picture[max(bottom - row, 0) : bottom, : min(long + row, width)]
        strip[:] = (strip * _SHADE).astype(np.uint8)
        place = (row // 2, bottom - row // 3)
        cv2.putText(picture, text, place, font, scale, _WHITE, weight, cv2.LINE_AA)

    write(line, height)
    for number, text in enumerate(helps, start=1):
        write(text, number * row)
    if records:
        cv2.circle(picture, (width - row, row), row // 3, _RED, -1, cv2.LINE_AA)
    return picture
