"""Where live pictures go besides a window: into a video, or to other programs as a camera."""

import queue
import threading
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from fastst.errors import FaststError, UsageError
from fastst.files import atomic_path
from fastst.live.loop import Shown
from fastst.video.codecs import choose_encoding
from fastst.video.frame import FilmFacts, Frame
from fastst.video.writing import FilmWriter

_CLOCK = Fraction(1, 90_000)
_WAITING = 8


class Recorder:
    """A video that is being recorded; it gets its name when ``close`` finishes it.

    Frames are encoded in a thread of their own; those that it cannot keep up with are left out, so that
    the live picture never waits.

    Args:
        path: the video, in a format that ``fastst video`` writes.
        width: of the pictures.
        height: likewise.
        fps: that are expected; each frame keeps its own time in any case.

    Raises:
        UsageError: if the suffix names no video.
        FaststError: if the file cannot be written.
    """

    def __init__(self, path: Path, *, width: int, height: int, fps: float) -> None:
        self.path = path
        self.error: FaststError | None = None
        rate = Fraction(fps).limit_denominator(1001)
        facts = FilmFacts(width=width, height=height, rate=rate, time_base=_CLOCK)
        encoding = choose_encoding(path, codec=None, crf=None, preset=None, has_alpha=False)
        self._step = 1 / rate
        self._began: float | None = None
        self._queue: queue.Queue[Frame | None] = queue.Queue(_WAITING)
        self._whole = ExitStack()
        temporary = self._whole.enter_context(atomic_path(path))
        try:
            self._film = FilmWriter(temporary, path, facts, encoding)
        except BaseException as error:
            self._whole.__exit__(type(error), error, error.__traceback__)
            raise
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._thread.start()

    def show(self, shown: Shown) -> None:
        """Record a picture."""
        self._began = shown.at if self._began is None else self._began
        time = Fraction(round((shown.at - self._began) / _CLOCK)) * _CLOCK
        if not self._queue.full():
            self._queue.put(Frame(rgb=shown.rgb, time=time, duration=self._step))

    def close(self) -> None:
        """Finish the video.

        Raises:
            FaststError: if it could not be written.
        """
        self._queue.put(None)
        self._thread.join()
        if self.error is None and self._began is not None:
            try:
                self._film.close()
            except FaststError as error:
                self.error = error
        if self.error is None and self._began is None:
            self.error = FaststError(f"{self.path}: nothing was recorded, as no picture came")
        if self.error is not None:
            self._film.discard()
            self._whole.__exit__(type(self.error), self.error, None)
            raise self.error
        self._whole.close()

    def _run(self) -> None:
        while (frame := self._queue.get()) is not None:
            if self.error is not None:
                continue
            try:
                self._film.write(frame)
            except FaststError as error:
                self.error = error


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
