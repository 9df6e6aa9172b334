"""Decodes a video's packets of pictures: progressive frames, with transparency, each with a time."""

from collections.abc import Iterator
from fractions import Fraction

from av import CodecContext, Packet, VideoFrame
from av.error import FFmpegError
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

# FFmpeg's own decoders of these leave out the transparency, which lies beside the picture in the packet.
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class PictureDecoder:
    """Turns packets into frames that can be shown one after the other.

    Interlaced frames, of two half-pictures each, are made whole by FFmpeg's bwdif. A frame without a time
    gets the one that it would have at a constant rate.

    Attributes:
        damaged_packets: how many could not be decoded.
        deinterlaced: whether any frame was interlaced.

    Args:
        stream: the video's pictures.
        rate: frames a second.
        base: seconds a tick of the frames' times.
    """

    def __init__(self, stream: VideoStream, *, rate: Fraction, base: Fraction) -> None:
        self.damaged_packets = 0
        self._decoder = _decoder(stream)
        self._base = base
        self._step = max(1, round(1 / rate / base))
        self._next = 0
        self._deinterlacer: _Deinterlacer | None = None

    @property
    def deinterlaced(self) -> bool:
        """Whether any frame was interlaced."""
        return self._deinterlacer is not None

    def decode(self, packet: Packet) -> Iterator[VideoFrame]:
        """Yield the frames that are ready after a packet; the empty one at the end yields the rest."""
        try:
            frames = self._decoder.decode(packet)
        except FFmpegError:
            self.damaged_packets += 1
            frames = []
        for frame in frames:
            self._stamp(frame)
            if self._deinterlacer is None and frame.interlaced_frame:
                self._deinterlacer = _Deinterlacer(self._base)
            yield from [frame] if self._deinterlacer is None else self._deinterlacer.put(frame)
        if not packet.size and self._deinterlacer is not None:
            yield from self._deinterlacer.finish()

    def _stamp(self, frame: VideoFrame) -> None:
        if frame.pts is None:
            frame.pts = self._next
        frame.time_base = self._base
        self._next = frame.pts + (frame.duration or self._step)


def _decoder(stream: VideoStream) -> VideoCodecContext:
    context = stream.codec_context
    if stream.metadata.get("alpha_mode") != "1" or context.name not in _WITH_ALPHA:
        context.thread_type = "AUTO"
        return context
    decoder = CodecContext.create(_WITH_ALPHA[context.name], "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = context.extradata
    return decoder


class _Deinterlacer:
    """Makes interlaced frames whole, at the rate that they have; progressive ones pass."""

    def __init__(self, base: Fraction) -> None:
        self._base = base
        self._graph: Graph | None = None
        self._shape: tuple[int, int, str] | None = None

    def put(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        """Take a frame, yield those that are ready: the filter looks one ahead."""
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            yield from self.finish()
            self._graph, self._shape = self._built(frame), shape
        assert self._graph is not None
        self._graph.push(frame)
        yield from self._ready(self._graph)

    def finish(self) -> Iterator[VideoFrame]:
        """Yield the frames that the filter still holds."""
        if self._graph is not None:
            self._graph.push(None)
            yield from self._ready(self._graph)
            self._graph = self._shape = None

    def _built(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=self._base
        )
        bwdif = graph.add("bwdif", "mode=send_frame:deint=interlaced")
        sink = graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        graph.configure()
        return graph

    def _ready(self, graph: Graph) -> Iterator[VideoFrame]:
        while True:
            try:
                frame = graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, VideoFrame)
            # The filter counts in half ticks.
            if frame.pts is not None and frame.time_base:
                frame.pts = round(frame.pts * frame.time_base / self._base)
                frame.duration = round(frame.duration * frame.time_base / self._base)
            frame.time_base = self._base
            yield frame
