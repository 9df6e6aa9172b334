"""A video's other tracks in the new file: copied where it can hold them, else converted, and that is said."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from fractions import Fraction

from av import AudioFrame, AudioStream, Packet
from av.container import OutputContainer
from av.error import FFmpegError
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

from fastst.errors import UsageError

# FFmpeg writes any track into these, some of them so that no player finds it again; so what they hold is said
# here, by the names of codecs. Of other files, FFmpeg's own answer holds.
_HELD = {
    ".ts": {
        *("mp1", "mp2", "mp3", "aac", "ac3", "eac3", "dts", "truehd", "opus"),
        *("dvb_subtitle", "dvb_teletext", "hdmv_pgs_subtitle"),
    },
    ".avi": {"mp2", "mp3", "ac3", "dts", "pcm_s16le", "pcm_u8"},
}
# By suffix: lossless where the file can hold that and players know it.
_SOUND = {
    ".mkv": "flac",
    ".mp4": "aac",
    ".m4v": "aac",
    ".mov": "aac",
    ".ts": "aac",
    ".avi": "pcm_s16le",
    ".webm": "libopus",
}
_SUBTITLES = {".mkv": "subrip", ".mp4": "mov_text", ".m4v": "mov_text", ".mov": "mov_text", ".webm": "webvtt"}
_TEXTS = ("mov_text", "subrip", "webvtt", "text")
_OPUS_RATE = 48_000
# The encoders of text want a description of looks, though no text is encoded here.
_NO_LOOKS = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColor\n"
    b"Style: Default,Arial,16,&Hffffff\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
)
_MILLISECONDS = Fraction(1, 1000)
_LARGEST_JITTER = Fraction(1, 10)  # of a second
_LAYOUTS = {1: "mono", 2: "stereo"}


class Track(ABC):
    """A track of the new file."""

    @abstractmethod
    def put(self, packet: Packet) -> Sequence[Packet]:
        """Take a packet of the video's track; return what is to be written."""

    def finish(self) -> Sequence[Packet]:
        """Return what is left at the end."""
        return ()


class Copy(Track):
    """Packets as they are."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def put(self, packet: Packet) -> Sequence[Packet]:
        """Return the packet as the new track's."""
        packet.stream = self._stream
        return (packet,)


class ConvertedSound(Track):
    """Sound that is decoded and encoded anew; a damaged packet is left out."""

    def __init__(self, stream: AudioStream, source: AudioStream) -> None:
        self._stream = stream
        # Nobody else decodes it: the reader hands its packets on.
        self._decoder = source.codec_context
        self._next: int | None = None

    def put(self, packet: Packet) -> Sequence[Packet]:
        """Return the packets that the encoder has ready."""
        try:
            frames = self._decoder.decode(packet)
        except FFmpegError:
            return []
        return self._encoded(frames)

    def finish(self) -> Sequence[Packet]:
        """Return what decoder and encoder still hold."""
        return [*self._encoded(self._decoder.decode(None)), *self._stream.encode(None)]

    def _encoded(self, frames: Iterable[AudioFrame]) -> list[Packet]:
        found: list[Packet] = []
        for frame in frames:
            rate = frame.sample_rate
            said = round(frame.time * rate) if frame.pts is not None and frame.time is not None else None
            # Times are rounded in some files; counted samples are exact, until there is a real gap.
            if self._next is None or (said is not None and abs(said - self._next) > _LARGEST_JITTER * rate):
                self._next = said or 0
            frame.pts, frame.time_base = self._next, Fraction(1, rate)
            self._next += frame.samples
            found += self._stream.encode(frame)
        return found


class ConvertedText(Track):
    """Subtitles in another notation, without their looks.

    Args:
        stream: the new track.
        is_length_first: whether old and new packets begin with the length of the text, as those of MP4 do.
    """

    def __init__(self, stream: SubtitleStream, *, is_length_first: tuple[bool, bool]) -> None:
        self._stream = stream
        self._was_length_first, self._is_length_first = is_length_first

    def put(self, packet: Packet) -> Sequence[Packet]:
        """Return the text as a packet of the new track; none for a pause, which needs no packet."""
        text = bytes(packet)
        if self._was_length_first:
            text = text[2 : 2 + int.from_bytes(text[:2])]
        if not text.strip():
            return ()
        if self._is_length_first:
            text = len(text).to_bytes(2) + text
        written = Packet(text)
        written.time_base = _MILLISECONDS
        assert packet.pts is not None
        written.pts = written.dts = round(packet.pts * packet.time_base / _MILLISECONDS)
        written.duration = round((packet.duration or 0) * packet.time_base / _MILLISECONDS)
        written.stream = self._stream
        return (written,)


class Passengers:
    """The other tracks of a video in a new file.

    Attributes:
        notes: what is not as it was, a line each.

    Args:
        container: the new file, before its first packet.
        suffix: of its name, such as ".mp4".
        streams: the video's tracks.
        drop: leave out what can neither be copied nor converted, rather than refuse.

    Raises:
        UsageError: if a track does not fit into this kind of file; the message begins with what it is.
    """

    def __init__(
        self, container: OutputContainer, suffix: str, streams: Sequence[Stream], *, drop: bool
    ) -> None:
        self.notes: list[str] = []
        self._container = container
        self._suffix = suffix
        self._tracks: dict[int, Track] = {}
        self.streams: list[tuple[Stream, Stream]] = []
        for stream in streams:
            made = self._copied(stream) or self._converted(stream)
            if made is not None:
                self._tracks[stream.index], new = made
                self.streams.append((stream, new))
            elif drop:
                self.notes.append(f"the {stream.type} track ({_codec(stream)}) is left out, as asked")
            else:
                raise UsageError(
                    f"such a file cannot hold the {stream.type} track ({_codec(stream)}); end the name with "
                    ".mkv to keep it, or leave it out with --drop-tracks"
                )

    def put(self, packet: Packet) -> Sequence[Packet]:
        """Return what is to be written for a packet of the video's."""
        track = self._tracks.get(packet.stream.index)
        return () if track is None else track.put(packet)

    def finish(self) -> Sequence[Packet]:
        """Return what is left at the end."""
        return [packet for track in self._tracks.values() for packet in track.finish()]

    def _copied(self, stream: Stream) -> tuple[Track, Stream] | None:
        held = _HELD.get(self._suffix)
        if held is not None and _codec(stream) not in held:
            return None
        try:
            new = self._container.add_stream_from_template(stream)
        except (ValueError, FFmpegError):
            return None
        return Copy(new), new

    def _converted(self, stream: Stream) -> tuple[Track, Stream] | None:
        if isinstance(stream, AudioStream):
            return self._converted_sound(stream, _SOUND[self._suffix])
        if isinstance(stream, SubtitleStream) and self._suffix in _SUBTITLES:
            return self._converted_text(stream, _SUBTITLES[self._suffix])
        return None

    def _converted_sound(self, source: AudioStream, codec: str) -> tuple[Track, Stream] | None:
        context = getattr(source, "codec_context", None)
        if context is None:  # nothing here decodes it
            return None
        rate = _OPUS_RATE if codec == "libopus" else context.sample_rate
        new = self._container.add_stream(codec, rate=rate)
        assert isinstance(new, AudioStream)
        new.codec_context.layout = _LAYOUTS.get(context.channels, context.layout)
        self._note(source, codec)
        return ConvertedSound(new, source), new

    def _converted_text(self, source: SubtitleStream, codec: str) -> tuple[Track, Stream] | None:
        if _codec(source) not in _TEXTS:
            return None
        new = self._container.add_stream(codec)
        assert isinstance(new, SubtitleStream)
        new.codec_context.subtitle_header = _NO_LOOKS
        new.time_base = _MILLISECONDS
        self._note(source, codec)
        return ConvertedText(new, is_length_first=(_codec(source) == "mov_text", codec == "mov_text")), new

    def _note(self, stream: Stream, codec: str) -> None:
        self.notes.append(
            f"the {stream.type} track is converted from {_codec(stream)} to {codec.removeprefix('lib')}, "
            "as such a file cannot hold it as it is"
        )


def _codec(stream: Stream) -> str:
    context = getattr(stream, "codec_context", None)
    return context.codec.canonical_name if context else "unknown"
