"""Writes an animated GIF, each frame with a palette of its own."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import Packet, VideoFrame
from av.codec.context import Flags
from av.error import FFmpegError
from av.filter import Graph
from av.video.format import VideoFormat
from av.video.stream import VideoStream

from fastst.errors import FaststError
from fastst.video.frame import FilmFacts, Frame
from fastst.video.opening import reason_of

# A GIF counts in hundredths of a second, and browsers slow down frames shown for less than two.
_TICK = Fraction(1, 100)
_FEWEST_TICKS = 2


class GifWriter:
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
        self._output = output
        self._last: int | None = None
        self._has_alpha = facts.has_alpha
        self._palettes = _palette_graph(facts)
        try:
            self._container = av.open(f"file:{path}", "w", format="gif")
            stream = self._container.add_stream("gif", rate=100)
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error
        assert isinstance(stream, VideoStream)
        self._stream = stream
        stream.width, stream.height, stream.pix_fmt = facts.width, facts.height, "pal8"
        stream.codec_context.time_base = _TICK
        stream.codec_context.flags |= Flags.frame_duration

    def write(self, item: Frame | Packet) -> None:
        """Write a frame; a packet of sound is left out, as a GIF has none.

        Raises:
            FaststError: if the disk is full.
        """
        if isinstance(item, Packet):
            return
        time = round(item.time / _TICK)
        if self._last is not None and time - self._last < _FEWEST_TICKS:
            return
        self._last = time
        try:
            self._palettes.push(self._frame(item))
            frame = self._palettes.pull()
            assert isinstance(frame, VideoFrame)
            frame.time_base, frame.pts = _TICK, time
            frame.duration = max(round(item.duration / _TICK), _FEWEST_TICKS)
            self._container.mux(self._stream.encode(frame))
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Finish the file.

        Raises:
            FaststError: if the disk is full.
        """
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def discard(self) -> None:
        """Let go of the file without finishing it."""
        try:
            self._container.close()
        except (FFmpegError, ValueError):
            return

    def _frame(self, item: Frame) -> VideoFrame:
        if not self._has_alpha:
            frame = VideoFrame.from_ndarray(item.rgb, "rgb24")
        else:
            alpha = np.full(item.rgb.shape[:2], 255, np.uint8) if item.alpha is None else item.alpha
            frame = VideoFrame.from_ndarray(np.dstack((item.rgb, alpha)), "rgba")
        frame.time_base, frame.pts = _TICK, self._last
        return frame

    def _failure(self, error: Exception) -> FaststError:
        return FaststError(
            f"{self._output}: cannot be written ({reason_of(error)}); choose another place with -o"
        )


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
