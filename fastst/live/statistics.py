"""How a live run goes: frames a second, delay, what was dropped, the longest wait."""

import statistics
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

_RECENT_SECONDS = 2.0
# The last five minutes at 30 frames a second; a run may last for days.
_KEPT = 9000


@dataclass(frozen=True)
class LiveReport:
    """A live run in numbers.

    Attributes:
        frames: shown.
        seconds: from the first frame shown to the last.
        fps: frames shown a second.
        latency_ms_median: from a frame's arrival to its being shown, in milliseconds.
        latency_ms_p95: what 95 % stay below.
        dropped: frames that came while the network was busy.
        longest_gap_ms: the longest time between two frames shown.
        width: that the network worked at, in pixels.
        height: likewise.
        style: shown last.
    """

    frames: int
    seconds: float
    fps: float
    latency_ms_median: float
    latency_ms_p95: float
    dropped: int
    longest_gap_ms: float
    width: int
    height: int
    style: str

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.style} at {self.width}x{self.height}: {self.frames} frames in {self.seconds:.1f} s, "
            f"{self.fps:.1f} fps; latency {self.latency_ms_median:.0f} ms median, "
            f"{self.latency_ms_p95:.0f} ms 95th percentile; {self.dropped} dropped; "
            f"longest gap {self.longest_gap_ms:.0f} ms"
        )


class LiveStatistics:
    """Counts frames as they are shown."""

    def __init__(self) -> None:
        self._latencies: deque[float] = deque(maxlen=_KEPT)
        self._recent: deque[float] = deque()
        self._frames = 0
        self._first = self._last = 0.0
        self._longest_gap = 0.0

    def add(self, captured_at: float, shown_at: float | None = None) -> None:
        """Count a frame that came at ``captured_at`` and was shown at ``shown_at``, by default now."""
        now = time.monotonic() if shown_at is None else shown_at
        if self._frames:
            self._longest_gap = max(self._longest_gap, now - self._last)
        else:
            self._first = now
        self._frames += 1
        self._last = now
        self._latencies.append(now - captured_at)
        self._recent.append(now)
        while now - self._recent[0] > _RECENT_SECONDS:
            self._recent.popleft()

    @property
    def recent_fps(self) -> float:
        """Frames a second over the last two seconds."""
        if len(self._recent) < 2:
            return 0.0
        return (len(self._recent) - 1) / max(self._recent[-1] - self._recent[0], 1e-9)

    @property
    def latency_ms(self) -> float:
        """Of the last frame, in milliseconds."""
        return 1000 * self._latencies[-1] if self._latencies else 0.0

    def report(self, *, dropped: int, width: int, height: int, style: str) -> LiveReport:
        """Sum the run up."""
        seconds = self._last - self._first
        return LiveReport(
            frames=self._frames,
            seconds=seconds,
            fps=(self._frames - 1) / seconds if seconds else 0.0,
            latency_ms_median=1000 * statistics.median(self._latencies) if self._latencies else 0.0,
            latency_ms_p95=1000 * _percentile(list(self._latencies), 0.95),
            dropped=dropped,
            longest_gap_ms=1000 * self._longest_gap,
            width=width,
            height=height,
            style=style,
        )


def _percentile(values: list[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed; 0 of none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)]
