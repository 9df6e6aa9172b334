"""OpenCV, which only the webcam, ``--smooth`` and the measuring of films need."""

import sys
from types import ModuleType

from fastst.errors import UsageError

_av_came_first = False


def load_opencv(purpose: str, extra: str) -> ModuleType:
    """Import OpenCV.

    Args:
        purpose: what needs it, to say so.
        extra: the extra of this package that brings it.

    Raises:
        UsageError: if it is not installed or does not load, saying how to get it.
    """
    global _av_came_first
    if "cv2" not in sys.modules:
        _av_came_first = "av" in sys.modules
    try:
        import cv2
    except ImportError as error:
        reason = f" ({error})" if "No module" not in str(error) else ""
        raise UsageError(
            f"{purpose} needs OpenCV{reason}; pip install 'fastst[{extra}]', or opencv-python-headless "
            f"on a machine without a display"
        ) from error
    return cv2


def can_open_windows() -> bool:
    """Whether OpenCV was loaded in time to open a window.

    The packages of PyAV and OpenCV both bring libxcb, and on Linux a window hangs for ever where PyAV's came
    first (PyAV issue 1050, OpenCV issue 29195).
    """
    return not (_av_came_first and sys.platform.startswith("linux"))
