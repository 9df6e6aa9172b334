"""One picture of a video, what is known of the video before the first, and a tally of what came out of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol

from av import Packet
from numpy import uint8
from numpy.typing import NDArray

from fastst.errors import UsageError
from fastst.images.pictures import check_size

# A video is called cut short if it ends so many seconds before it should.
_SHORT_BY = 1
_FEW = 0.95
# Of the steps from frame to frame, what must be regular before a count is expected at all.
_REGULAR, _NEAR = 0.8, 0.2


@dataclass(frozen=True)
class Frame:
    """One picture of a video.

    Attributes:
        rgb: (H, W, 3), RGB, upright.
        time: seconds since the video's start, exact.
        duration: seconds that it is shown, exact.
        alpha: (H, W), 255 where opaque; None if there is no transparency.
    """

    rgb: NDArray[uint8]
    time: Fraction
    duration: Fraction
    alpha: NDArray[uint8] | None = None

    def painted(self, rgb: NDArray[uint8]) -> "Frame":
        """Return the frame with other colors."""
        return replace(self, rgb=rgb)


@dataclass(frozen=True)
class ColorTags:
    """How a video's luma and chroma are to be read, as the numbers of ITU-T H.273.

    Attributes:
        matrix: of YCbCr, such as 1 for BT.709.
        primaries: such as 9 for BT.2020; 2 is unknown.
        transfer: such as 16 for PQ; 2 is unknown.
        full_range: whether luma spans 0 to 255 rather than 16 to 235.
    """

    matrix: int = 1
    primaries: int = 1
    transfer: int = 1
    full_range: bool = False


@dataclass(frozen=True)
class FilmFacts:
    """What a writer must know before the first frame.

    Attributes:
        width: of the frames to come, upright, in pixels.
        height: likewise.
        rate: frames a second, the mean where it varies.
        closest_rate: frames a second where they follow one another most closely; None if that is ``rate``.
        time_base: seconds a tick of the source's clock; every frame time is a multiple of it.
        frames: how many to expect; None if that is unknown.
        seconds: how long the video is; None if that is unknown.
        has_alpha: whether frames carry transparency.
        pixel_aspect: a pixel's width over its height.
        colors: how to encode them.
    """

    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    frames: int | None = None
    seconds: Fraction | None = None
    has_alpha: bool = False
    pixel_aspect: Fraction = Fraction(1)
    closest_rate: Fraction | None = None
    colors: ColorTags = field(default_factory=ColorTags)


class Source(Protocol):
    """A video being read.

    Attributes:
        facts: known from the start.
        notes: what went wrong without ending the video, a line each; grows while reading.
    """

    facts: FilmFacts
    notes: list[str]

    def items(self) -> Iterator[Frame | Packet]:
        """Yield the frames, and in between the packets that are to be copied as they are."""

    def close(self) -> None:
        """Close the files."""


class Sink(Protocol):
    """A video being written."""

    def write(self, item: Frame | Packet) -> None:
        """Write a frame, or copy a packet."""

    def close(self) -> None:
        """Finish the video; without this call it is not playable."""

    def discard(self) -> None:
        """Let go of the file without finishing it."""


def fitted(width: int, height: int, size: int | None) -> tuple[int, int]:
    """Return the sides with the long one ``size`` px, in the same aspect; None leaves them.

    Raises:
        UsageError: if ``size`` is below 1 px or above 16384.
    """
    check_size(size)
    if size is None:
        return width, height
    if size > MAX_SIDE:
        raise UsageError(f"size is {size}; a video's long side can have {MAX_SIDE} pixels at most")
    scale = size / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


MAX_SIDE = 16384


class Tally:
    """How much of a video came out, against what it said of itself."""

    def __init__(self) -> None:
        self.damaged_packets = 0
        self._frames = 0
        self._regular_steps = 0
        self._last = Fraction(0)
        self._ended = Fraction(0)

    def count(self, frame: Frame, facts: FilmFacts) -> None:
        """Count a frame."""
        if self._frames:
            step = (frame.time - self._last) * facts.rate
            self._regular_steps += abs(step - 1) < _NEAR
        self._frames += 1
        self._last = frame.time
        self.reach(frame.time + frame.duration)

    def reach(self, time: Fraction) -> None:
        """Note that something of the video, such as its sound, goes on until then, in seconds."""
        self._ended = max(self._ended, time)

    def notes(self, facts: FilmFacts) -> list[str]:
        """What is missing or damaged, a line each."""
        notes = []
        if self.damaged_packets:
            notes.append(f"{self.damaged_packets} damaged packets were left out")
        if facts.seconds is not None and facts.seconds - self._ended > _SHORT_BY + 1 / facts.rate:
            notes.append(
                f"ends after {float(self._ended):.1f} s of {float(facts.seconds):.1f} s; "
                f"the rest is missing or damaged"
            )
        elif facts.frames and self._frames < _FEW * facts.frames and self._is_regular():
            notes.append(f"{self._frames} frames could be read where about {facts.frames} should be")
        return notes

    def _is_regular(self) -> bool:
        # Where the rate varies, the file's mean is a guess, and so is the number that follows from it.
        return self._regular_steps >= _REGULAR * (self._frames - 1)
