"""OpenCV, which only the webcam, ``--smooth`` and the measuring of films need."""

from types import ModuleType

from fastst.errors import UsageError


def load_opencv(purpose: str, extra: str) -> ModuleType:
    """Import OpenCV.

    Args:
        purpose: what needs it, to say so.
        extra: the extra of this package that brings it.

    Raises:
        UsageError: if it is not installed or does not load, saying how to get it.
    """
    try:
        import cv2
    except ImportError as error:
        reason = f" ({error})" if "cv2" not in str(error) else ""
        raise UsageError(
            f"{purpose} needs OpenCV{reason}; pip install 'fastst[{extra}]', or opencv-python-headless "
            f"on a machine without a display"
        ) from error
    return cv2
