"""A thread that takes pictures from a source and keeps only the newest."""

import threading
import time
from dataclasses import dataclass

from fastst.flow import Pixels
from fastst.live.sources import LiveSource


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
