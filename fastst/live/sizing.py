"""Finds the largest working size that holds a frame rate, from how long the first frames take."""

import math
import statistics

_FIRST_SIDE = 256
_SMALLEST_SIDE = 96
_STEP = 16
_FRAMES_A_TRIAL = 5
_MOST_TRIALS = 8
# What is left for frames that take longer than the median.
_BUDGET = 0.85
_BIGGEST_JUMP = 1.6


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
