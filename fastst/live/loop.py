"""The live loop: take the newest picture, repaint it, hand it on. It knows nothing of windows."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from fastst.flow import Pixels
from fastst.frame_painting import frame_painter
from fastst.live.capture import Capture, Captured
from fastst.live.shelf import StyleShelf
from fastst.live.sizing import WorkingSize
from fastst.live.statistics import LiveReport, LiveStatistics
from fastst.opencv import load_opencv
from fastst.smoothing import Smoother

_WAIT_SECONDS = 0.1


@dataclass
class Controls:
    """What can be changed while it runs.

    Attributes:
        strength: 0 to 1.
        keep_colors: keep the source's colours.
        smooth: blend in the frame before.
    """

    strength: float = 1.0
    keep_colors: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Shown:
    """A picture that is ready.

    Attributes:
        rgb: the stylised picture, (H, W, 3), of the source's size.
        source: the picture that it was made from, of the same size.
        at: when that came, in seconds of ``time.monotonic``.
    """

    rgb: Pixels
    source: Pixels
    at: float


class Output(Protocol):
    """Where pictures go."""

    def show(self, shown: Shown) -> None:
        """Take a picture."""


class LiveLoop:
    """Repaints the newest picture again and again.

    Attributes:
        controls: read before each frame.
        statistics: of the frames so far.

    Args:
        capture: gives the pictures.
        shelf: gives the style.
        size: the working size, told of each frame's time.
        controls: see there.
        outputs: get each picture, in turn.
    """

    def __init__(
        self,
        capture: Capture,
        shelf: StyleShelf,
        size: WorkingSize,
        controls: Controls,
        outputs: Sequence[Output],
    ) -> None:
        self.controls = controls
        self.statistics = LiveStatistics()
        self._capture = capture
        self._shelf = shelf
        self._size = size
        self._outputs = outputs
        self._smoother: Smoother | None = None
        self._cv2 = load_opencv("live pictures", "webcam")
        self._worked_at = (0, 0)

    def run(self, should_stop: Callable[[], bool]) -> LiveReport:
        """Go on until the source ends or ``should_stop``, which is asked once a frame, says so."""
        while not should_stop() and not self._capture.has_ended:
            captured = self._capture.take(_WAIT_SECONDS)
            if captured is not None:
                self.step(captured)
        return self.report()

    def step(self, captured: Captured) -> None:
        """Repaint one picture and hand it on."""
        began = time.perf_counter()
        height, width = captured.rgb.shape[:2]
        working = self._resized(captured.rgb, *_working_sides(width, height, self._size.side))
        painted = self._paint(working)
        shown = Shown(self._resized(painted, width, height), captured.rgb, captured.at)
        for output in self._outputs:
            output.show(shown)
        self._worked_at = (working.shape[1], working.shape[0])
        self.statistics.add(captured.at)
        self._size.observe(time.perf_counter() - began)

    def report(self) -> LiveReport:
        """Sum up the run so far."""
        width, height = self._worked_at
        return self.statistics.report(
            dropped=self._capture.dropped, width=width, height=height, style=self._shelf.name
        )

    def _paint(self, working: Pixels) -> Pixels:
        controls = self.controls
        stylizer = self._shelf.current(*working.shape[:2])
        paint = frame_painter(stylizer, strength=controls.strength, keep_colors=controls.keep_colors)
        painted = paint(working)
        if not controls.smooth:
            self._smoother = None
            return painted
        self._smoother = self._smoother or Smoother()
        return self._smoother(working, painted)

    def _resized(self, picture: Pixels, width: int, height: int) -> Pixels:
        if picture.shape[:2] == (height, width):
            return picture
        shrinks = width < picture.shape[1]
        way = self._cv2.INTER_AREA if shrinks else self._cv2.INTER_LINEAR
        return self._cv2.resize(picture, (width, height), interpolation=way)


def _working_sides(width: int, height: int, side: int) -> tuple[int, int]:
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))
