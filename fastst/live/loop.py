"""The live loop: take the newest picture, stylize it, hand it on. It knows nothing of windows.

It also finds the largest working size that holds a frame rate, from how long the first frames take.
"""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from fastst.live.shelf import StyleShelf
from fastst.live.sources import Capture, Captured
from fastst.live.statistics import LiveReport, LiveStatistics
from fastst.runtime import load_opencv
from fastst.stylize.frames import FilmColors, frame_stylizer
from fastst.video.flow import Pixels
from fastst.video.pipeline import run_pipeline
from fastst.video.smoothing import Smoother

_WAIT_SECONDS = 0.1

_FIRST_SIDE = 256
_SMALLEST_SIDE = 96
_STEP = 16
_FRAMES_A_TRIAL = 5
_MOST_TRIALS = 8
# What is left for frames that take longer than the median.
_BUDGET = 0.85
_BIGGEST_JUMP = 1.6


@dataclass
class Controls:
    """What can be changed while it runs.

    Attributes:
        strength: 0 to 1.
        keep_colors: keep the source's colors.
        smooth: blend in the frame before.
    """

    strength: float = 1.0
    keep_colors: bool = False
    smooth: bool = False


@dataclass(frozen=True)
class Shown:
    """A picture that is ready.

    Attributes:
        rgb: the stylized picture, (H, W, 3), of the source's size.
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


class WorkingSize:
    """The long side in pixels that the network works at.

    With a rate to hold, each trial takes the median of some frames; as the time grows with the pixels, the
    next side follows from it. It ends when no larger side is left to try, at the largest that held.

    Args:
        longest: the source's long side, which is never exceeded.
        fixed: take this size and never change it.
        fps: the frame rate to hold where none is fixed.
    """

    def __init__(self, *, longest: int, fixed: int | None = None, fps: float = 30.0) -> None:
        self._longest = longest
        self._seconds = _BUDGET / fps
        self._times: list[float] = []
        self._held = 0
        self._failed = math.inf
        self._trials = 0
        self.is_settled = fixed is not None
        self.side = fixed if fixed is not None else min(_FIRST_SIDE, longest)

    def observe(self, seconds: float) -> None:
        """Take in how long a frame at ``side`` took, waiting for the source not counted."""
        if self.is_settled:
            return
        self._times.append(seconds)
        # The first frame at a new size pays for its buffers.
        if len(self._times) <= _FRAMES_A_TRIAL:
            return
        taken = statistics.median(self._times[1:])
        self._times.clear()
        self._trials += 1
        if taken <= self._seconds:
            self._held = max(self._held, self.side)
        else:
            self._failed = min(self._failed, self.side)
        self._try_next(taken)

    def _try_next(self, taken: float) -> None:
        factor = math.sqrt(self._seconds / taken)
        factor = min(max(factor, 1 / _BIGGEST_JUMP), _BIGGEST_JUMP)
        wanted = int(self.side * factor) // _STEP * _STEP
        # Strictly between what held and what did not, or it is the end.
        wanted = min(max(wanted, self._held + _STEP), self._longest)
        if self._failed <= wanted:
            wanted = int(self._failed - 1) // _STEP * _STEP
        wanted = max(wanted, min(_SMALLEST_SIDE, self._longest))
        if wanted <= self._held or wanted >= self._failed or self._trials >= _MOST_TRIALS:
            self.is_settled = True
            wanted = self._held or min(_SMALLEST_SIDE, self._longest)
        self.side = wanted


class LiveLoop:
    """Stylizes the newest picture again and again.

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
        self._film_colors = FilmColors()
        self._cv2 = load_opencv("live pictures", "webcam")
        self._worked_at = (0, 0)

    def run(self, should_stop: Callable[[], bool]) -> LiveReport:
        """Go on until the source ends or ``should_stop``, which is asked once a frame, says so.

        Pictures are shown in the calling thread, as windows ask for, and the next is painted meanwhile in
        another: a window waits some 2 ms for keys.
        """
        run_pipeline(self._paintings(), self._show, lambda _: None, depth=1, should_stop=should_stop)
        return self.report()

    def _paintings(self) -> Iterator[Shown | None]:
        """Yield pictures as they are ready, and None now and then while none comes."""
        while not self._capture.has_ended:
            captured = self._capture.take(_WAIT_SECONDS)
            yield None if captured is None else self._painted(captured)

    def _painted(self, captured: Captured) -> Shown:
        began = time.perf_counter()
        height, width = captured.rgb.shape[:2]
        working = self._resized(captured.rgb, *_working_sides(width, height, self._size.side))
        painted = self._paint(working)
        shown = Shown(self._resized(painted, width, height), captured.rgb, captured.at)
        self._worked_at = (working.shape[1], working.shape[0])
        self._size.observe(time.perf_counter() - began)
        return shown

    def _show(self, shown: Shown | None) -> None:
        if shown is None:
            return
        for output in self._outputs:
            output.show(shown)
        self.statistics.add(shown.at)

    def report(self) -> LiveReport:
        """Sum up the run so far."""
        width, height = self._worked_at
        return self.statistics.report(
            dropped=self._capture.dropped, width=width, height=height, style=self._shelf.name
        )

    def _paint(self, working: Pixels) -> Pixels:
        controls = self.controls
        stylizer = self._shelf.current(*working.shape[:2])
        paint = frame_stylizer(
            stylizer,
            strength=controls.strength,
            keep_colors=controls.keep_colors,
            film_colors=self._film_colors,
        )
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
