"""Which of a film's tracks is stylised, which are copied, and when they begin."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from fastst.errors import FaststError

if TYPE_CHECKING:  # av has this name only for type checkers
    from av.container.core import Chapter

_COPIED = ("audio", "subtitle", "attachment")


def picture_track(container: InputContainer, source: str) -> VideoStream:
    """Return the main track of moving pictures, never a cover.

    Raises:
        FaststError: if there is none.
    """
    tracks = [track for track in container.streams.video if not _is_cover(track)]
    if not tracks:
        kinds = ", ".join(sorted({_kind(stream) for stream in container.streams})) or "nothing"
        raise FaststError(f"{source}: has no moving pictures, only {kinds}; give a film")
    best = container.streams.best("video")
    return next((track for track in tracks if best is not None and track.index == best.index), tracks[0])


def split_passengers(container: InputContainer, pictures: VideoStream) -> tuple[list[Stream], list[str]]:
    """Return the streams to copy, and the kinds of those that cannot be."""
    copied: list[Stream] = []
    left: list[str] = []
    for stream in container.streams:
        if stream.type in _COPIED:
            copied.append(stream)
        elif stream.index != pictures.index:
            left.append(_kind(stream))
    return copied, left


def first_time(streams: Sequence[Stream]) -> Fraction:
    """When the earliest of picture and sound begins, in seconds.

    It is 0 at least: a codec's run-up before that is known to players, and they skip it.
    """
    times = [
        stream.start_time * stream.time_base
        for stream in streams
        if stream.start_time is not None and stream.time_base and stream.type in ("video", "audio")
    ]
    return max(min(times, default=Fraction(0)), Fraction(0))


def chapters_within(container: InputContainer, begin: Fraction, end: Fraction | None) -> list["Chapter"]:
    """Return the chapters that touch the part from ``begin`` on, ``end`` seconds long, in its own times."""
    found: list[Chapter] = []
    for chapter in container.chapters():
        base = chapter["time_base"]
        if not base:
            continue
        starts, ends = chapter["start"] * base - begin, chapter["end"] * base - begin
        if ends <= 0 or (end is not None and starts >= end):
            continue
        until = ends if end is None else min(ends, end)
        found.append({**chapter, "start": round(max(starts, Fraction(0)) / base), "end": round(until / base)})
    return found


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _kind(stream: Stream) -> str:
    if isinstance(stream, VideoStream):
        return "cover" if _is_cover(stream) else "second picture"
    return stream.type
