"""Reads a video: its frames upright and in RGB with exact times, everything else as packets to copy."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from av import Packet, VideoFrame
from av.error import FFmpegError

from fastst.errors import FaststError
from fastst.video.colors import RgbReader, color_tags, is_hdr, without_hdr
from fastst.video.decoding import PictureDecoder
from fastst.video.frame import FilmFacts, Frame, Tally, fitted
from fastst.video.opening import (
    chapters_within,
    first_time,
    has_captions,
    open_input,
    picture_track,
    reason_of,
    split_passengers,
    turn_of,
)

if TYPE_CHECKING:  # av has this name only for type checkers
    from av.container.core import Chapter

_USUAL_RATE = Fraction(25)
# In a file, sound may lie so many seconds behind the pictures that it goes with.
_LONGEST_LAG = 10
# Of sound before its first sample: 0.08 s for Opus, less for other codecs.
_LONGEST_RUN_UP = Fraction(1, 10)


class FilmReader:
    """A video file or network stream, from ``start`` for ``duration`` seconds.

    Attributes:
        facts: about the frames to come.
        notes: what went wrong without ending the video, a line each; grows while reading.
        container: the open file.
        passengers: the streams whose packets are to be copied.

    Args:
        source: a file or an address.
        size: long side of the frames in px; None leaves them.
        start: seconds to leave out.
        duration: of the wanted part, in seconds; None reads to the end.
        square_pixels: stretch frames whose pixels are not square to what is seen.

    Raises:
        FaststError: if the file cannot be opened or has no frame there.
    """

    def __init__(
        self,
        source: str,
        *,
        size: int | None = None,
        start: float | Fraction = 0.0,
        duration: float | Fraction | None = None,
        square_pixels: bool = False,
    ) -> None:
        self.notes: list[str] = []
        self._source = source
        self._trimmed = start > 0
        self._end = None if duration is None else _exact(duration)
        self._tally = Tally()
        self._ahead: list[VideoFrame | Packet] = []
        # Where only the whole file's length is known, its sound counts as well.
        self._is_judged_by_all = False
        self._leaves_pictures = False
        self.container = open_input(source)
        try:
            self._video = picture_track(self.container, source)
            self.passengers, left = split_passengers(self.container, self._video)
            if left:
                self.notes.append(
                    f"{source}: {len(left)} further tracks are left out ({', '.join(sorted(set(left)))})"
                )
            self._rate = self._video.average_rate or self._video.guessed_rate or _USUAL_RATE
            self._base = self._video.time_base or 1 / self._rate
            self._zero = first_time([self._video, *self.passengers])
            self._begin = self._zero + _exact(start)
            self._pictures = PictureDecoder(self._video, rate=self._rate, base=self._base)
            self._seek()
            self._decoded = self._decode()
            first = self._first_frame()
            self._tags, self._turn = color_tags(first), turn_of(first)
            self._scanned = (first.width, first.height)
            if is_hdr(self._tags):
                self.notes.append(f"{source}: is HDR; it is written for ordinary screens (BT.709)")
            if has_captions(first):
                self.notes.append(f"{source}: its closed captions lie in the pictures, and are left out")
            self.facts = self._facts(first, size, square_pixels=square_pixels)
        except BaseException:
            self.container.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    @property
    def begin(self) -> Fraction:
        """Where the wanted part begins, in seconds by the file's own clock."""
        return self._begin

    @property
    def end(self) -> Fraction | None:
        """How long the wanted part is, in seconds; None: to the end."""
        return self._end

    def copies(self) -> Iterator[Packet]:
        """Yield the packets of the passengers alone, as ``items`` does; no picture is decoded."""
        self._leaves_pictures = True
        for item in self._all():
            if isinstance(item, Packet):
                yield item

    def chapters(self) -> list["Chapter"]:
        """Return the chapters of the wanted part."""
        return chapters_within(self.container, self._begin, self._end)

    def items(self) -> Iterator[Frame | Packet]:
        """Yield the frames, and in between the packets of the passengers, times counted from ``start``.

        Raises:
            FaststError: if the frames cannot be converted.
        """
        read = RgbReader(self._tags)
        for item in self._all():
            if isinstance(item, Packet):
                if self._is_judged_by_all and item.pts is not None:
                    self._tally.reach((item.pts + (item.duration or 0)) * item.time_base)
                yield item
                continue
            frame = self._convert(read, item)
            self._tally.count(frame, self.facts)
            yield frame
        self._tally.damaged_packets = self._pictures.damaged_packets
        if self._pictures.deinterlaced:
            self.notes.append(f"{self._source}: is interlaced; it is written deinterlaced")
        self.notes += [f"{self._source}: {note}" for note in self._tally.notes(self.facts)]

    def _all(self) -> Iterator[VideoFrame | Packet]:
        ahead, self._ahead = self._ahead, []
        yield from ahead
        yield from self._decoded

    def _first_frame(self) -> VideoFrame:
        for item in self._decoded:
            self._ahead.append(item)
            if isinstance(item, VideoFrame):
                return item
        if self._trimmed:
            raise FaststError(f"{self._source}: has no frames after the start asked for; choose less")
        raise FaststError(f"{self._source}: not one frame can be read; it is empty, cut short or damaged")

    def _decode(self) -> Iterator[VideoFrame | Packet]:
        """Yield decoded frames and packets to copy from the wanted part of the video."""
        wanted = [self._video, *(stream for stream in self.passengers if stream.type != "attachment")]
        running = {stream.index for stream in wanted if stream.type in ("video", "audio")}
        try:
            for packet in self.container.demux(wanted):
                if packet.stream.index != self._video.index:
                    # An empty packet only says that the track is over.
                    if packet.size and packet.pts is not None:
                        self._shift(packet)
                        if packet.stream.type == "subtitle" and self._trimmed:
                            _begin_at_zero(packet)
                        time = packet.pts * packet.time_base
                        if self._is_over(time):
                            running.discard(packet.stream.index)
                        elif self._is_wanted(time) and not _was_cut_away(packet):
                            yield packet
                elif self._leaves_pictures:
                    if packet.pts is not None and self._is_over(packet.pts * self._base - self._begin):
                        running.discard(self._video.index)
                else:
                    for frame in self._pictures.decode(packet):
                        time = self._time(frame)
                        if self._is_over(time):
                            running.discard(self._video.index)
                        elif self._is_wanted(time):
                            yield frame
                if packet.stream.index == self._video.index and self._is_far_behind_the_end(packet):
                    return
                if not running:
                    return
        except FFmpegError as error:
            self.notes.append(f"{self._source}: reading ended early ({reason_of(error)})")

    def _shift(self, packet: Packet) -> None:
        shift = round(self._begin / packet.time_base)
        assert packet.pts is not None
        packet.pts -= shift
        if packet.dts is not None:
            packet.dts -= shift

    def _is_over(self, time: Fraction) -> bool:
        return self._end is not None and time >= self._end

    def _is_wanted(self, time: Fraction) -> bool:
        # Before 0 lies a codec's run-up; where the beginning is left out, so is what came before it.
        return time >= 0 or not self._trimmed

    def _is_far_behind_the_end(self, packet: Packet) -> bool:
        if self._end is None or packet.dts is None:
            return False
        return packet.dts * packet.time_base - self._begin > self._end + _LONGEST_LAG

    def _time(self, frame: VideoFrame) -> Fraction:
        assert frame.pts is not None  # the clock has seen to that
        return frame.pts * self._base - self._begin

    def _convert(self, read: RgbReader, frame: VideoFrame) -> Frame:
        width, height = self.facts.width, self.facts.height
        if (frame.width, frame.height) != self._scanned:
            note = (
                f"{self._source}: its size changes from {self._scanned[0]}x{self._scanned[1]} to "
                f"{frame.width}x{frame.height}; all frames are written as {width}x{height}"
            )
            if note not in self.notes:
                self.notes.append(note)
        if self._turn.transposed:
            width, height = height, width
        try:
            rgb, alpha = read(frame, width, height, with_alpha=self.facts.has_alpha)
        except FaststError as error:
            raise FaststError(f"{self._source}: {error}") from error
        return Frame(
            rgb=self._turn.apply(rgb),
            time=self._time(frame),
            duration=frame.duration * self._base or 1 / self._rate,
            alpha=None if alpha is None else self._turn.apply(alpha),
        )

    def _seek(self) -> None:
        if not self._trimmed:
            return
        try:
            self.container.seek(int(self._begin * 1_000_000))
        except FFmpegError:  # a stream without an index is read from the beginning
            return

    def _facts(self, first: VideoFrame, size: int | None, *, square_pixels: bool) -> FilmFacts:
        width, height = first.width, first.height
        aspect = self._video.sample_aspect_ratio or Fraction(1)
        if square_pixels:
            width, aspect = max(1, round(width * aspect)), Fraction(1)
        if self._turn.transposed:
            width, height, aspect = height, width, 1 / aspect
        width, height = fitted(width, height, size)
        seconds = self._expected_seconds()
        # A file may hold more frames than its edit list lets be shown.
        counts = [self._video.frames] if self._video.frames else []
        counts += [round(seconds * self._rate)] if seconds else []
        return FilmFacts(
            width=width,
            height=height,
            rate=self._rate,
            time_base=self._base,
            frames=min(counts, default=None),
            seconds=seconds,
            has_alpha=first.format.has_palette or any(part.is_alpha for part in first.format.components),
            pixel_aspect=aspect,
            closest_rate=self._video.guessed_rate,
            colors=without_hdr(self._tags),
        )

    def _expected_seconds(self) -> Fraction | None:
        """How long the wanted part is, as far as the file says."""
        if self._video.duration:
            whole = self._video.duration * self._base
        elif said := _seconds_of(self._video.metadata.get("DURATION", "")):
            whole = said - self._zero
        elif self.container.duration:
            self._is_judged_by_all = True
            whole = Fraction(self.container.duration, 1_000_000)
        else:
            return None
        left = max(whole - (self._begin - self._zero), Fraction(0))
        return left if self._end is None else min(left, self._end)


def _begin_at_zero(packet: Packet) -> None:
    """Let a subtitle that is being shown as the video begins begin with it."""
    if packet.pts is not None and packet.pts < 0 and packet.duration and packet.pts + packet.duration > 0:
        packet.duration += packet.pts
        packet.pts = packet.dts = 0


def _was_cut_away(packet: Packet) -> bool:
    """Whether an edit list hides the packet, as in clips that were trimmed without encoding them anew.

    A codec's run-up is hidden as well, but is needed: it lies just before the beginning.
    """
    if not packet.is_discard or packet.pts is None:
        return False
    return (packet.pts + (packet.duration or 0)) * packet.time_base < -_LONGEST_RUN_UP


def _seconds_of(clock: str) -> Fraction | None:
    """Read Matroska's note of a track's end, such as 00:00:02.023000000."""
    found = re.fullmatch(r"([0-9]{1,4}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,12})?)", clock)
    return None if found is None else int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])


def _exact(seconds: float | Fraction) -> Fraction:
    # 0.1 means a tenth, not the nearest binary fraction.
    return Fraction(str(seconds))
