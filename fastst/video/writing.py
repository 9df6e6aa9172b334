"""Writes a video file: frames encoded at their own times, packets of sound and subtitles copied."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import Packet, VideoFrame
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.format import VideoFormat
from av.video.stream import VideoStream
from numpy.typing import NDArray

from fastst.errors import FaststError, UsageError
from fastst.video.codecs import Encoding
from fastst.video.colors import RgbWriter
from fastst.video.frame import FilmFacts, Frame
from fastst.video.opening import reason_of
from fastst.video.reading import FilmReader
from fastst.video.tracks import Passengers

_PLACES = ("location", "gps", "xyz")
_APPLE_HEVC_TAG = "hvc1"
_HIGHEST_RATE = Fraction(120)  # to believe of a video whose frames come irregularly


class ContainerWriter(ABC):
    """A file being written to ``path``; ``close`` finishes it, and any failure closes it unfinished.

    To remove what is unfinished is up to whoever chose ``path``: some systems remove no file that is open.

    Args:
        path: where to write, a temporary name.
        output: the name to speak of.
        file_format: FFmpeg's name of the format; None goes by the suffix of ``path``.
    """

    _video: VideoStream

    def __init__(self, path: Path, output: Path, *, file_format: str | None = None) -> None:
        self._output = output
        # This touches no disk yet.
        self._container = av.open(f"file:{path}", "w", format=file_format)

    @abstractmethod
    def _put(self, item: Frame | Packet) -> None:
        """Write a frame, or deal with a packet; raises what FFmpeg does."""

    def write(self, item: Frame | Packet) -> None:
        """Write a frame; a packet is copied, or left out where the format holds pictures only.

        Raises:
            FaststError: if the disk is full or the encoder gives up.
        """
        try:
            self._put(item)
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Write what the encoder still holds, and the end of the file.

        Raises:
            FaststError: if the disk is full.
        """
        try:
            self._finish()
            self._container.close()
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def _finish(self) -> None:
        self._container.mux(self._video.encode())

    def discard(self) -> None:
        """Let go of the file without finishing it."""
        try:
            self._container.close()
        except (FFmpegError, ValueError):
            return  # there is no use for it in any case

    def _failure(self, error: Exception) -> FaststError:
        self.discard()
        return FaststError(
            f"{self._output}: cannot be written ({reason_of(error)}); choose another place with -o"
        )


class FilmWriter(ContainerWriter):
    """A video being written to ``path``; ``close`` finishes it.

    Args:
        path: where to write, a temporary name.
        output: the name to speak of.
        facts: about the frames to come.
        encoding: how to encode them.
        video: whose sound, subtitles, chapters and titles to copy; None copies nothing.
        all_metadata: copy also where the video was taken.
        drop_tracks: leave out the tracks that such a file cannot hold.

    Raises:
        UsageError: if a track does not fit into this kind of file, or the encoder refuses.
        FaststError: if the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        output: Path,
        facts: FilmFacts,
        encoding: Encoding,
        *,
        film: FilmReader | None = None,
        all_metadata: bool = False,
        drop_tracks: bool = False,
    ) -> None:
        super().__init__(path, output)
        self._has_one_rate = output.suffix.lower() == ".avi"
        self._rate, self._base = facts.rate, facts.time_base
        if self._has_one_rate:
            self._rate = _one_rate(facts)
            self._base = 1 / self._rate
        self._last = -1
        self._all_metadata = all_metadata
        self._to_frame = RgbWriter(encoding.pixel_format, facts.colors)
        self._keeps_alpha = encoding.has_alpha
        self._block = _chroma_block(encoding.pixel_format)
        try:
            self._video = self._add_video(facts, encoding)
            self._passengers = self._add_passengers(film, drop=drop_tracks) if film else None
            self._container.start_encoding()
        except (FFmpegError, ValueError) as error:
            if isinstance(error, OSError):  # the disk's fault, not the encoder's
                raise self._failure(error) from error
            self.discard()
            raise UsageError(
                f"{output}: {encoding.codec} cannot write {facts.width}x{facts.height} "
                f"{encoding.pixel_format} with {_told(encoding.options)} ({reason_of(error)})"
            ) from error
        except UsageError as error:
            self.discard()
            raise UsageError(f"{output}: {error}") from error
        except BaseException:
            self.discard()
            raise

    def _put(self, item: Frame | Packet) -> None:
        if isinstance(item, Packet):
            if self._passengers is not None:
                self._container.mux(self._passengers.put(item))
        else:
            self._container.mux(self._video.encode(self._frame(item)))

    def _frame(self, frame: Frame) -> VideoFrame:
        alpha = frame.alpha if self._keeps_alpha else None
        rgb = frame.rgb if frame.alpha is None or alpha is not None else over_white(frame.rgb, frame.alpha)
        encoded = self._to_frame(
            _padded(rgb, self._block), None if alpha is None else _padded(alpha, self._block)
        )
        encoded.time_base = self._base
        # Encoders refuse times that stand still or run back, as damaged videos have them.
        self._last = max(round(frame.time / self._base), self._last + 1)
        encoded.pts = self._last
        encoded.duration = round(frame.duration / self._base)
        return encoded

    def _add_video(self, facts: FilmFacts, encoding: Encoding) -> VideoStream:
        stream = self._container.add_stream(encoding.codec, rate=self._rate, options=encoding.options)
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width = _rounded_up(facts.width, self._block[0])
        context.height = _rounded_up(facts.height, self._block[1])
        context.pix_fmt = encoding.pixel_format
        context.time_base = stream.time_base = self._base
        context.sample_aspect_ratio = facts.pixel_aspect
        context.flags |= Flags.frame_duration
        if self._has_one_rate:
            context.max_b_frames = 0  # the file says when frames are decoded, and not when they are shown
        context.color_primaries = facts.colors.primaries
        context.color_trc = facts.colors.transfer
        context.colorspace = facts.colors.matrix
        context.color_range = 2 if facts.colors.full_range else 1
        if encoding.codec == "libx265" and self._output.suffix.lower() in (".mp4", ".m4v", ".mov"):
            context.codec_tag = _APPLE_HEVC_TAG
        return stream

    def _finish(self) -> None:
        super()._finish()
        if self._passengers is not None:
            self._container.mux(self._passengers.finish())

    def _add_passengers(self, film: FilmReader, *, drop: bool) -> Passengers:
        passengers = Passengers(self._container, self._output.suffix.lower(), film.passengers, drop=drop)
        film.notes += [f"{self._output}: {note}" for note in passengers.notes]
        for old, new in passengers.streams:
            new.metadata.update(self._kept(old.metadata))
            new.disposition = old.disposition
        self._container.metadata.update(self._kept(film.container.metadata))
        self._container.set_chapters(film.chapters())
        return passengers

    def _kept(self, metadata: Mapping[str, str]) -> dict[str, str]:
        """Of a video's metadata, leave out the place where it was taken, unless all is asked for."""
        return {
            name: value
            for name, value in metadata.items()
            if self._all_metadata or not any(word in name.lower() for word in _PLACES)
        }


def _one_rate(facts: FilmFacts) -> Fraction:
    """Return the rate for a file that has frames at one rate, and gaps where none is due."""
    return max(facts.rate, min(facts.closest_rate or facts.rate, _HIGHEST_RATE))


def over_white(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay (H, W, 3) with transparency (H, W) over white."""
    opacity = alpha[..., None].astype(np.uint16)
    return ((rgb * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)


def _chroma_block(pixel_format: str) -> tuple[int, int]:
    """Pixels that share one chroma value: (2, 2) for yuv420p."""
    form = VideoFormat(pixel_format, 64, 64)
    return 64 // form.chroma_width(64), 64 // form.chroma_height(64)


def _rounded_up(side: int, multiple: int) -> int:
    return -(-side // multiple) * multiple


def _padded(pixels: NDArray[np.uint8], block: tuple[int, int]) -> NDArray[np.uint8]:
    """Repeat the last column and row where chroma needs an even number of them."""
    height, width = pixels.shape[:2]
    right, below = _rounded_up(width, block[0]) - width, _rounded_up(height, block[1]) - height
    if not right and not below:
        return pixels
    margins: Sequence[tuple[int, int]] = [(0, below), (0, right), (0, 0)][: pixels.ndim]
    return np.pad(pixels, margins, mode="edge")


def _told(options: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in options.items()) or "its own settings"
