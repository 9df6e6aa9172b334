"""Where live pictures come from: a camera, or a video or stream in real time; only the newest is kept."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from fastst.errors import FaststError, UsageError
from fastst.runtime import load_opencv
from fastst.video.flow import Pixels
from fastst.video.frame import Frame
from fastst.video.opening import is_url
from fastst.video.reading import FilmReader

_USUAL_FPS = 30.0
_LONGEST_NUMBER = 4


class LiveSource(Protocol):
    """Pictures as they come.

    Attributes:
        width: in pixels.
        height: in pixels.
        fps: frames a second, as far as the source says.
    """

    width: int
    height: int
    fps: float

    def read(self) -> Pixels | None:
        """Wait for the next picture, (H, W, 3), RGB; None at the end."""

    def close(self) -> None:
        """Let go of the camera or file."""


def open_source(source: str, *, loop: bool = False) -> LiveSource:
    """Open a camera by number, a video file, or a network stream.

    Raises:
        UsageError: if a camera is asked for and OpenCV is missing, or is to begin again at its end.
        FaststError: if it cannot be opened.
    """
    if not (source.isdecimal() and source.isascii()):
        return PlayedFilm(source, loop=loop)
    if loop:
        raise UsageError(f"camera {source}: has no end to begin again at; leave out --loop")
    if len(source) > _LONGEST_NUMBER:
        raise UsageError(f"camera {source}: is no number of a camera; the first is 0")
    return Camera(int(source))


class Camera:
    """A camera of this machine, by its number.

    Raises:
        FaststError: if there is none, or another program has it.
    """

    def __init__(self, number: int) -> None:
        self._cv2 = load_opencv("a camera", "webcam")
        # It would print its own complaints, several lines of them.
        self._cv2.utils.logging.setLogLevel(self._cv2.utils.logging.LOG_LEVEL_SILENT)
        self._number = number
        self._device = self._cv2.VideoCapture(number)
        first = self._picture()
        if first is None:
            self.close()
            raise FaststError(
                f"camera {number}: gives no picture; check that it is plugged in, allowed and not in use by "
                f"another program, or give --source a video"
            )
        # Waiting pictures would be old ones.
        self._device.set(self._cv2.CAP_PROP_BUFFERSIZE, 1)
        self.height, self.width = first.shape[:2]
        self.fps = float(self._device.get(self._cv2.CAP_PROP_FPS)) or _USUAL_FPS

    def read(self) -> Pixels | None:
        """Wait for the next picture; None if the camera has gone."""
        return self._picture()

    def close(self) -> None:
        """Let go of the camera."""
        self._device.release()

    def _picture(self) -> Pixels | None:
        came, picture = self._device.read() if self._device.isOpened() else (False, None)
        return self._cv2.cvtColor(picture, self._cv2.COLOR_BGR2RGB) if came else None


class PlayedFilm:
    """A video file that plays in real time at its own frame times; a live stream as it comes.

    Args:
        source: a file or an address.
        loop: start again at the end.

    Raises:
        FaststError: if it cannot be opened.
    """

    def __init__(self, source: str, *, loop: bool = False) -> None:
        self._source = source
        self._loop = loop
        self._film = FilmReader(source, square_pixels=True)
        facts = self._film.facts
        self.width, self.height, self.fps = facts.width, facts.height, float(facts.rate)
        # What has an end is a file, wherever it lies; the rest arrives at its own pace.
        self._is_live = is_url(source) and facts.seconds is None
        self._frames = self._play()

    def read(self) -> Pixels | None:
        """Wait until the next frame is due."""
        return next(self._frames, None)

    def close(self) -> None:
        """Close the file."""
        self._film.close()

    def _play(self) -> Iterator[Pixels]:
        while True:
            began = time.monotonic()
            ended = 0.0
            for item in self._film.items():
                if not isinstance(item, Frame):
                    continue
                if not self._is_live:
                    time.sleep(max(0.0, began + float(item.time) - time.monotonic()))
                ended = float(item.time + item.duration)
                yield item.rgb
            if not self._loop:
                return
            time.sleep(max(0.0, began + ended - time.monotonic()))
            self._film.close()
            self._film = FilmReader(self._source, square_pixels=True)


@dataclass(frozen=True)
class Captured:
    """A picture and when it came.

    Attributes:
        rgb: (H, W, 3).
        at: seconds of ``time.monotonic``.
    """

    rgb: Pixels
    at: float


class Capture:
    """Reads a source in a thread of its own; whoever asks gets the newest picture, never an old one.

    So the delay stays that of one frame however slow the taker is. What nobody took is counted.
    """

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._changed = threading.Condition()
        self._newest: Captured | None = None
        self._dropped = 0
        self._ended = False
        self._stopping = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Pictures that were replaced by newer ones before anyone took them."""
        return self._dropped

    @property
    def has_ended(self) -> bool:
        """Whether the source is at its end and its last picture was taken."""
        with self._changed:
            return self._ended and self._newest is None

    def take(self, timeout: float) -> Captured | None:
        """Wait for a picture that nobody has taken yet; None after ``timeout`` seconds or at the end.

        Raises:
            Exception: what the source raised, if it did.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, timeout)
            if self._newest is None and self._error is not None:
                raise self._error
            taken, self._newest = self._newest, None
            return taken

    def close(self) -> None:
        """End the thread and close the source."""
        self._stopping = True
        # A camera or a stream that hangs must not keep the program from ending.
        self._thread.join(timeout=2.0)
        if not self._thread.is_alive():
            self._source.close()

    def _run(self) -> None:
        try:
            while not self._stopping:
                picture = self._source.read()
                if picture is None:
                    break
                self._put(Captured(picture, time.monotonic()))
        except BaseException as error:
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _put(self, captured: Captured) -> None:
        with self._changed:
            self._dropped += self._newest is not None
            self._newest = captured
            self._changed.notify_all()
