"""Writes an animated GIF, each frame with a palette of its own."""

from fractions import Fraction
from pathlib import Path

import numpy as np
from av import Packet, VideoFrame
from av.codec.context import Flags
from av.error import FFmpegError
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.stream import VideoStream

from fastst.video.frame import FilmFacts, Frame
from fastst.video.writing import ContainerWriter

# A GIF counts in hundredths of a second, and browsers slow down frames shown for less than two.
_TICK = Fraction(1, 100)
_FEWEST_TICKS = 2


class GifWriter(ContainerWriter):
    """A GIF being written to ``path``, playing in a loop; ``close`` finishes it.

    Frames that come faster than 50 a second are thinned out, which no GIF can show.

    Args:
        path: where to write, a temporary name.
        output: the name to speak of.
        facts: about the frames to come.

    Raises:
        FaststError: if the file cannot be written.
    """

    def __init__(self, path: Path, output: Path, facts: FilmFacts) -> None:
        super().__init__(path, output, file_format="gif")
        self._last: int | None = None
        self._has_alpha = facts.has_alpha
        try:
            self._palettes = _palette_graph(facts)
            stream = self._container.add_stream("gif", rate=100)
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error
        assert isinstance(stream, VideoStream)
        self._video = stream
        stream.width, stream.height, stream.pix_fmt = facts.width, facts.height, "pal8"
        stream.codec_context.time_base = _TICK
        stream.codec_context.flags |= Flags.frame_duration

    def _put(self, item: Frame | Packet) -> None:
        if isinstance(item, Packet):
            return
        time = round(item.time / _TICK)
        if self._last is not None and time - self._last < _FEWEST_TICKS:
            return
        self._last = time
        self._palettes.push(self._frame(item))
        frame = self._palettes.pull()
        assert isinstance(frame, VideoFrame)
        frame.time_base, frame.pts = _TICK, time
        frame.duration = max(round(item.duration / _TICK), _FEWEST_TICKS)
        self._container.mux(self._video.encode(frame))

    def _frame(self, item: Frame) -> VideoFrame:
        if not self._has_alpha:
            frame = VideoFrame.from_ndarray(item.rgb, "rgb24")
        else:
            alpha = np.full(item.rgb.shape[:2], 255, np.uint8) if item.alpha is None else item.alpha
            frame = VideoFrame.from_ndarray(np.dstack((item.rgb, alpha)), "rgba")
        frame.time_base, frame.pts = _TICK, self._last
        return frame


def _palette_graph(facts: FilmFacts) -> Graph:
    """Build FFmpeg's filters that find a palette for each frame and dither to it."""
    graph = Graph()
    pixels = VideoFormat("rgba" if facts.has_alpha else "rgb24")
    source = graph.add_buffer(width=facts.width, height=facts.height, format=pixels, time_base=_TICK)
    split = graph.add("split")
    palette = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
