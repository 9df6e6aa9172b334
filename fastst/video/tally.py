"""Counts what comes out of a film, and says at its end what seems to be missing."""

from fractions import Fraction

from fastst.video.frame import FilmFacts, Frame

# A film is called cut short if it ends so many seconds before it should.
_SHORT_BY = 1
_FEW = 0.95
# Of the steps from frame to frame, what must be regular before a count is expected at all.
_REGULAR, _NEAR = 0.8, 0.2


class Tally:
    """A film's frames, packets and flaws."""

    def __init__(self) -> None:
        self.damaged_packets = 0
        self.flawed_frames = 0
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
        self._ended = max(self._ended, frame.time + frame.duration)

    def notes(self, facts: FilmFacts) -> list[str]:
        """What is missing or damaged, a line each."""
        notes = []
        if self.damaged_packets:
            notes.append(f"{self.damaged_packets} damaged packets were left out")
        if self.flawed_frames:
            notes.append(f"{self.flawed_frames} damaged frames were patched up")
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
