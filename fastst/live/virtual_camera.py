"""Makes the stylised picture a camera for calls and streaming programs."""

from fastst.errors import FaststError, UsageError
from fastst.live.loop import Shown


class VirtualCamera:
    """A camera that other programs can choose.

    Args:
        width: of the pictures.
        height: likewise.
        fps: that the camera claims.

    Raises:
        UsageError: if pyvirtualcam is not installed.
        FaststError: if this machine has no virtual camera to write to.
    """

    def __init__(self, *, width: int, height: int, fps: float) -> None:
        try:
            import pyvirtualcam
        except ImportError as error:
            raise UsageError(
                "--virtual-camera needs pyvirtualcam; pip install 'fastst[virtual-camera]'"
            ) from error
        try:
            self._camera = pyvirtualcam.Camera(
                width=width, height=height, fps=fps, fmt=pyvirtualcam.PixelFormat.RGB
            )
        except (RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())
            raise FaststError(
                f"--virtual-camera: no virtual camera here ({reason}); install v4l2loopback on Linux, or OBS "
                f"on Windows and macOS"
            ) from error

    def show(self, shown: Shown) -> None:
        """Send a picture."""
        self._camera.send(shown.rgb)

    def close(self) -> None:
        """Take the camera away."""
        self._camera.close()
