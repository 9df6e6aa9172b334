"""Opens videos and network streams: which tracks are stylized or copied, and which way up the picture is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fastst.errors import FaststError
from fastst.files import readable_file
from fastst.images.pictures import MAX_PIXELS, picture_header

if TYPE_CHECKING:  # av has this name only for type checkers
    from av.container.core import Chapter

_OPEN_SECONDS, _READ_SECONDS = 10.0, 10.0

# What a video or a recording of sound can be. Playlists and lists of files are not among them: a name in one
# would be opened wherever it leads; nor is what makes a video out of any text.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,ogg,asf,flv,gif,apng,mxf,nut,ivf,rm,dv,swf,"
    "h264,hevc,av1,obu,m4v,vc1,yuv4mpegpipe,wtv,nsv,mp3,aac,flac,wav,w64,aiff,amr,au,caf"
)
_PLAYLISTS = "hls,dash,rtsp,sdp,rtp,mpjpeg,live_flv,mjpeg"
_PROTOCOLS = (
    "http,https,httpproxy,tls,tcp,udp,rtp,srtp,rtsp,rtmp,rtmps,rtmpt,rtmpts,mms,mmsh,mmst,srt,crypto,data"
)

_COPIED = ("audio", "subtitle", "attachment")

_ONE = 1 << 16


def is_url(source: str) -> bool:
    """Whether the source is an address such as rtsp://camera/1 rather than a file."""
    scheme, separator, _ = source.partition("://")
    return bool(separator) and scheme.isalnum() and len(scheme) > 1


def open_input(source: str) -> InputContainer:
    """Open a video file or a network stream for reading.

    Raises:
        FaststError: if it is missing, empty, no video, may not be read, or does not answer.
    """
    if is_url(source):
        return _open_url(source)
    path = Path(source)
    with readable_file(path, if_folder="is a folder; name a video, or a folder of pictures"):
        pass  # FFmpeg opens it by itself
    try:
        # A name such as "-" or "a:b" must not be taken for a protocol.
        options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file,crypto,data"}
        return av.open(f"file:{path}", "r", metadata_errors="replace", options=options)
    except (FFmpegError, UnicodeError) as error:
        raise FaststError(f"{path}: {_why_no_film(path, error)}") from error


def _why_no_film(path: Path, error: Exception) -> str:
    with picture_header(path) as header:
        if header is not None and getattr(header, "is_animated", False):
            return f"is an animated {header.format}, which cannot be read; save it as a GIF or a video first"
        if header is not None:
            return "is a picture; stylize it with `fastst stylize`, or name a folder of pictures"
    return f"is no video, or it is cut short or damaged ({reason_of(error)})"


def _open_url(url: str) -> InputContainer:
    options = {"format_whitelist": f"{_FORMATS},{_PLAYLISTS}", "protocol_whitelist": _PROTOCOLS}
    timeout = (_OPEN_SECONDS, _READ_SECONDS)
    try:
        return av.open(url, "r", metadata_errors="replace", timeout=timeout, options=options)
    except (FFmpegError, UnicodeError, ValueError) as error:
        raise FaststError(f"{url}: cannot be opened ({reason_of(error)}); check the address") from error


def reason_of(error: Exception) -> str:
    """FFmpeg's reason in a few words."""
    reason = getattr(error, "strerror", None) or str(error)
    return "no answer" if reason == "Immediate exit requested" else " ".join(str(reason).lower().split())


def picture_track(container: InputContainer, source: str) -> VideoStream:
    """Return the main track of moving pictures, never a cover.

    Raises:
        FaststError: if there is none.
    """
    tracks = [track for track in container.streams.video if not _is_cover(track)]
    if not tracks:
        kinds = ", ".join(sorted({_kind(stream) for stream in container.streams})) or "nothing"
        raise FaststError(f"{source}: has no moving pictures, only {kinds}; give a video")
    # A track whose codec nothing here decodes has no context.
    decoded = [track for track in tracks if getattr(track, "codec_context", None) is not None]
    if not decoded:
        raise FaststError(f"{source}: there is no decoder here for its pictures; convert it first")
    for track in decoded:
        width, height = track.codec_context.width, track.codec_context.height
        if width * height > MAX_PIXELS:
            raise FaststError(
                f"{source}: is {width} x {height}, and the limit for a video is {MAX_PIXELS / 1e6:.0f} "
                "megapixels; make it smaller first"
            )
    best = container.streams.best("video")
    return next((track for track in decoded if best is not None and track.index == best.index), decoded[0])


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


@dataclass(frozen=True)
class Turn:
    """A right-angled turn or mirroring: transpose first, then flip.

    Attributes:
        transposed: whether rows become columns.
        flipped_horizontally: left to right, after that.
        flipped_vertically: top to bottom, after that.
    """

    transposed: bool = False
    flipped_horizontally: bool = False
    flipped_vertically: bool = False

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn (H, W) or (H, W, C)."""
        if self == Turn():
            return pixels
        if self.transposed:
            pixels = pixels.swapaxes(0, 1)
        if self.flipped_horizontally:
            pixels = pixels[:, ::-1]
        if self.flipped_vertically:
            pixels = pixels[::-1]
        return np.ascontiguousarray(pixels)


def turn_of(frame: VideoFrame) -> Turn:
    """Read the turn from the frame's display matrix; one that is not right-angled counts as none."""
    try:
        data = _side_data(frame, "DISPLAYMATRIX")
    except ValueError:
        return turn_by_angle(frame.rotation)
    return Turn() if data is None else turn_by_matrix(np.frombuffer(data, dtype=np.int32))


def has_captions(frame: VideoFrame) -> bool:
    """Whether closed captions (ANSI/CTA-708) lie beside the picture."""
    try:
        return _side_data(frame, "A53_CC") is not None
    except ValueError:
        return False


def _side_data(frame: VideoFrame, kind: str) -> Any:
    """Return what lies beside a picture; None if there is no such thing.

    Raises:
        ValueError: if PyAV has no name for one of its kinds, such as EXIF, and then gives none of any kind.
    """
    attached: Mapping[str, Any] = frame.side_data
    return attached.get(kind)


def turn_by_angle(degrees: int) -> Turn:
    """The turn by an angle counter-clockwise; one that is not right-angled counts as none."""
    quarters = {90: Turn(True, False, True), 180: Turn(False, True, True), 270: Turn(True, True, False)}
    return quarters.get(degrees % 360, Turn())


def turn_by_matrix(matrix: NDArray[np.int32]) -> Turn:
    """The turn that a display matrix (9) describes, in 16.16 fixed point as in ISO 14496-12.

    A point (x, y) is shown at (a x + c y, b x + d y) for the matrix (a, b, u, c, d, v, x, y, w).
    """
    a, b, _, c, d = (int(value) / _ONE for value in matrix[:5])
    if abs(a) == abs(d) == 1 and b == c == 0:
        return Turn(False, a < 0, d < 0)
    if abs(b) == abs(c) == 1 and a == d == 0:
        return Turn(True, c < 0, b < 0)
    return Turn()
