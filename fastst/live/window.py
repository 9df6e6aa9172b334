"""The live window, OpenCV's."""

import os
import socket
import sys
from pathlib import Path

from fastst.errors import UsageError
from fastst.flow import Pixels
from fastst.live.keys import Command, command_of
from fastst.opencv import can_open_windows, load_opencv

_TITLE = "fastst"
_X_PORT = 6000


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
