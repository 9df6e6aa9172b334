"""Joins the painted parts of a video without encoding anything anew, and copies its sound as ever."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import Packet
from av.video.stream import VideoStream

from fastst.errors import FaststError
from fastst.video.codecs import Encoding
from fastst.video.frame import FilmFacts, Frame
from fastst.video.reading import FilmReader
from fastst.video.writing import FilmWriter


@dataclass(frozen=True)
class PaintedPart:
    """A part of a video, painted and encoded.

    Attributes:
        number: of the part.
        file: the pictures alone, from time 0 on; what kind of file it is may round its times.
        times: of its frames, in order, in ticks of the video's clock.
        durations: likewise.
    """

    number: int
    file: Path
    times: tuple[int, ...]
    durations: tuple[int, ...]


class PartWriter:
    """Encodes a part of a video.

    Args:
        file: where to; its suffix is that of the video to come.
        output: the video to come.
        facts: of the whole video.
        encoding: how to encode.
    """

    def __init__(self, file: Path, output: Path, facts: FilmFacts, encoding: Encoding) -> None:
        self._file = file
        self._base = facts.time_base
        self._times: list[int] = []
        self._durations: list[int] = []
        self._writer = FilmWriter(file, output, facts, encoding)

    def write(self, frame: Frame) -> None:
        """Write a frame, at its time in the whole video.

        Raises:
            FaststError: as ``FilmWriter.write``.
        """
        tick = round(frame.time / self._base)
        if self._times:
            tick = max(tick, self._times[-1] + 1)
        self._times.append(tick)
        self._durations.append(round(frame.duration / self._base))
        time = (tick - self._times[0]) * self._base
        self._writer.write(Frame(frame.rgb, time, frame.duration, frame.alpha))

    def close(self, number: int, file: Path) -> PaintedPart:
        """Finish the file, which is going to be renamed to ``file``.

        Raises:
            FaststError: as ``FilmWriter.close``.
        """
        self._writer.close()
        return PaintedPart(number, file, tuple(self._times), tuple(self._durations))

    def discard(self) -> None:
        """Let go of the file unfinished."""
        self._writer.discard()


class JoinedFilm(FilmWriter):
    """A video put together from parts; see ``FilmWriter``.

    Args:
        path: where to write, a temporary name.
        output: the name to speak of.
        facts: of the whole video.
        encoding: that the parts have.
        video: whose sound, subtitles, chapters and titles are copied.
        parts: in order.
        all_metadata: as in ``FilmWriter``.
        drop_tracks: likewise.

    Raises:
        UsageError: as ``FilmWriter``.
        FaststError: if the parts do not fit together, or the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        output: Path,
        facts: FilmFacts,
        encoding: Encoding,
        *,
        film: FilmReader,
        parts: Sequence[PaintedPart],
        all_metadata: bool = False,
        drop_tracks: bool = False,
    ) -> None:
        self._parts = parts
        self._clock = facts.time_base
        super().__init__(
            path,
            output,
            facts,
            encoding,
            film=film,
            all_metadata=all_metadata,
            drop_tracks=drop_tracks,
        )
        self._film = film

    def join(self) -> None:
        """Write all, pictures and sound in the order of their times, and finish the file.

        Raises:
            FaststError: if a part cannot be read, or the file not be written.
        """
        pictures = ((_time_of(packet), 0, packet) for packet in self._pictures())
        copies = ((_time_of(packet), 1, packet) for packet in self._film.copies())
        for _, is_copy, packet in heapq.merge(pictures, copies, key=lambda each: each[:2]):
            if is_copy:
                self.write(packet)
            else:
                self._container.mux(packet)
        self.close()

    def _add_video(self, facts: FilmFacts, encoding: Encoding) -> VideoStream:
        with av.open(f"file:{self._parts[0].file}") as first:
            stream = self._container.add_stream_from_template(first.streams.video[0])
            stream.time_base = facts.time_base
            return stream

    def _finish(self) -> None:
        # There is no encoder that holds frames back.
        if self._passengers is not None:
            self._container.mux(self._passengers.finish())

    def _pictures(self) -> Iterator[Packet]:
        """Yield the packets of all parts, with exact times, in the order in which they are decoded."""
        orders = [_ranks(part) for part in self._parts]
        depth = max(int((np.arange(len(ranks)) - ranks).max(initial=0)) for ranks in orders)
        shown = [tick for part in self._parts for tick in part.times]
        step = max(1, shown[1] - shown[0]) if len(shown) > 1 else 1
        # Nothing is shown before it is decoded: as many ticks earlier as pictures can come before their turn.
        decoded = [shown[0] - (depth - number) * step for number in range(depth)] + shown
        count = 0
        for part, ranks in zip(self._parts, orders, strict=True):
            for rank, packet in zip(ranks, _packets(part), strict=True):
                packet.pts, packet.dts = part.times[rank], decoded[count]
                packet.duration, packet.time_base = part.durations[rank], self._clock
                packet.stream = self._video
                count += 1
                yield packet


def _packets(part: PaintedPart) -> Iterator[Packet]:
    with av.open(f"file:{part.file}") as film:
        for packet in film.demux(film.streams.video[0]):
            if packet.size:
                yield packet


def _ranks(part: PaintedPart) -> np.ndarray:
    """Return of each packet, in the order of decoding, the how manieth it is shown."""
    times = [packet.pts for packet in _packets(part)]
    if len(times) != len(part.times) or None in times:
        raise FaststError(f"{part.file}: holds {len(times)} frames where {len(part.times)} were written")
    return np.argsort(np.argsort(np.array(times), kind="stable"), kind="stable")


def _time_of(packet: Packet) -> Fraction:
    time = packet.dts if packet.dts is not None else packet.pts
    return Fraction(0) if time is None else time * packet.time_base
