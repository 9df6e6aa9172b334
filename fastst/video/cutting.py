"""A video cut into parts at key frames, so that several processes can work on it, and the frames of one."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from fastst.errors import FaststError
from fastst.video.frame import FilmFacts, Frame
from fastst.video.opening import open_input, picture_track
from fastst.video.reading import FilmReader

PART_SECONDS = 10.0


@dataclass(frozen=True)
class Part:
    """A part of a video; times are in seconds, exact, from where the wanted part of the video begins.

    Attributes:
        number: from 0 on.
        run_up: a key frame before its beginning, from which it is decoded: what decoders and deinterlacers
            keep of earlier frames is there then.
        begin: of its first frame.
        end: of the first frame that is no part of it any more; None at the end of the video.
    """

    number: int
    run_up: Fraction
    begin: Fraction
    end: Fraction | None


def parts_of(source: str, film: FilmReader, *, seconds: float = PART_SECONDS) -> list[Part]:
    """Return the parts of a video, each so long at least, but for the last.

    Args:
        source: the video's file.
        video: the same, opened where the wanted part begins.
        seconds: how long a part is; it lasts until the next key frame.

    Raises:
        FaststError: if the file cannot be read.
    """
    begins, run_ups = [Fraction(0)], [Fraction(0)]
    before = Fraction(0)
    for time in _key_times(source, film):
        if time - begins[-1] >= seconds:
            begins.append(time)
            run_ups.append(before)
        before = time
    return [
        Part(number, run_up, begin, end)
        for number, (run_up, begin, end) in enumerate(
            zip(run_ups, begins, [*begins[1:], film.end], strict=True)
        )
    ]


def joined_parts(parts: list[Part], stays: list[bool]) -> list[Part]:
    """Return the parts, those that are to begin nowhere new put together with the ones before them.

    Args:
        parts: in order.
        stays: whether each is to stay a part of its own; the first does.
    """
    kept: list[Part] = []
    for part, is_own in zip(parts, stays, strict=True):
        if kept and not is_own:
            before = kept.pop()
            part = Part(before.number, before.run_up, before.begin, part.end)
        kept.append(Part(len(kept), part.run_up, part.begin, part.end))
    return kept


class PartReader:
    """The frames of a part, at the video's own times.

    Attributes:
        before: the frame before the first, if the run-up has it; known when the first has come.

    Args:
        source: the video's file.
        part: which part.
        facts: of the whole video.
        size: as in ``FilmReader``.
        start: of the wanted part of the video, in seconds.
    """

    def __init__(
        self, source: str, part: Part, *, facts: FilmFacts, size: int | None, start: Fraction
    ) -> None:
        self.before: Frame | None = None
        self._source, self._part, self._facts = source, part, facts
        self._size, self._start = size, start

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames.

        Raises:
            FaststError: if the video cannot be read, or its frames are others here than at its beginning.
        """
        part = self._part
        length = None if part.end is None else part.end - part.run_up
        film = FilmReader(self._source, size=self._size, start=self._start + part.run_up, duration=length)
        try:
            self._check_facts(film.facts)
            for item in film.items():
                if not isinstance(item, Frame):
                    continue
                frame = Frame(item.rgb, item.time + part.run_up, item.duration, item.alpha)
                if part.number and frame.time < part.begin:
                    self.before = frame
                else:
                    yield frame
        finally:
            film.close()

    def _check_facts(self, facts: FilmFacts) -> None:
        def looks(facts: FilmFacts) -> tuple[object, ...]:
            return facts.width, facts.height, facts.has_alpha, facts.pixel_aspect, facts.colors

        if looks(facts) != looks(self._facts):
            raise FaststError(
                f"{self._source}: its frames change their size or colors, so that it cannot be cut; leave "
                "out --workers and --cluster"
            )


def _key_times(source: str, film: FilmReader) -> Iterator[Fraction]:
    """Yield when each key frame within the wanted part is shown, after its beginning."""
    with open_input(source) as container:
        track = picture_track(container, source)
        for packet in container.demux(track):
            if not packet.is_keyframe or packet.pts is None or packet.time_base is None:
                continue
            time = packet.pts * packet.time_base - film.begin
            if film.end is not None and time >= film.end:
                return
            if time > 0:
                yield time
