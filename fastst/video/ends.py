"""The two ends of a video, by their names: what frames come from, what they go into, and what these allow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastst.errors import UsageError
from fastst.files import atomic_path, refuse_overwriting
from fastst.images.finding import is_folder
from fastst.video.codecs import HARDWARE, Encoding, choose_encoding
from fastst.video.frame import Sink, Source
from fastst.video.gif_writing import GifWriter
from fastst.video.opening import is_url
from fastst.video.reading import FilmReader
from fastst.video.sequence import (
    SequenceReader,
    SequenceWriter,
    check_not_over_source,
    is_pattern,
    means_a_sequence,
)
from fastst.video.settings import VideoSettings
from fastst.video.writing import FilmWriter

_SEQUENCE_FPS = 25.0


def check_apart(source: str, output: str) -> None:
    """Refuse an output that would overwrite the source.

    Raises:
        UsageError: if it would.
    """
    if is_url(source):
        return
    if _is_sequence(source):
        if means_a_sequence(output):
            check_not_over_source(source, output)
    else:
        refuse_overwriting([output], [source])


def outputs_there(output: str) -> list[Path]:
    """Return the files that the output consists of, or may."""
    return SequenceWriter(output).files_there() if means_a_sequence(output) else [Path(output)]


def _is_sequence(source: str) -> bool:
    return not is_url(source) and (is_pattern(source) or is_folder(Path(source)))


def encoding_of(output: str, settings: VideoSettings, *, has_alpha: bool = False) -> Encoding | None:
    """Check the output's name and choose the codec; None if it takes none, as a GIF."""
    if not means_a_sequence(output) and Path(output).suffix.lower() != ".gif":
        return choose_encoding(
            Path(output),
            codec=settings.codec,
            crf=settings.crf,
            preset=settings.preset,
            has_alpha=has_alpha,
        )
    if settings.codec or settings.crf is not None or settings.preset:
        raise UsageError(f"{output}: codec, crf and preset are for videos such as out.mp4; leave them out")
    if means_a_sequence(output):
        SequenceWriter(output)
    return None


def open_source(source: str, output: str, settings: VideoSettings) -> Source:
    """Open what frames come from: a video, a GIF, a stream, or a sequence of pictures.

    Raises:
        UsageError: if it has times of its own, and ``fps`` is given.
        FaststError: if it cannot be read.
    """
    part: dict[str, Any] = {
        "size": settings.size,
        "start": settings.start,
        "duration": settings.duration,
    }
    if _is_sequence(source):
        return SequenceReader(source, fps=settings.fps or _SEQUENCE_FPS, **part)
    if settings.fps is not None:
        raise UsageError(
            f"{source}: is a video, whose frames keep their own times; fps is for folders of pictures"
        )
    return FilmReader(source, **part, square_pixels=_has_square_pixels(output))


def _has_square_pixels(output: str) -> bool:
    """Whether such a file cannot say that its pixels are not square."""
    return means_a_sequence(output) or Path(output).suffix.lower() == ".gif"


@contextmanager
def open_sink(output: str, film: Source, settings: VideoSettings) -> Iterator[Sink]:
    """Open the output; a video appears under its name only if the block succeeds."""
    if means_a_sequence(output):
        _note_lost_sound(film, output)
        yield SequenceWriter(output)
        return
    encoding = encoding_of(output, settings, has_alpha=film.facts.has_alpha)
    if encoding is not None and settings.codec == HARDWARE and encoding.codec.startswith("lib"):
        film.notes.append(f"{output}: no hardware encoder opens here, so {encoding.codec} writes it")
    with atomic_path(output) as temporary:
        sink: Sink
        if encoding is None:
            _note_lost_sound(film, output)
            sink = GifWriter(temporary, Path(output), film.facts)
        else:
            passengers = film if isinstance(film, FilmReader) else None
            sink = FilmWriter(
                temporary,
                Path(output),
                film.facts,
                encoding,
                film=passengers,
                all_metadata=settings.all_metadata,
                drop_tracks=settings.drop_tracks,
            )
        try:
            yield sink
        except BaseException:
            sink.discard()
            raise


def _note_lost_sound(film: Source, output: str) -> None:
    tracks = film.passengers if isinstance(film, FilmReader) else []
    if tracks:
        kinds = ", ".join(sorted({stream.type for stream in tracks}))
        film.notes.append(f"{output}: holds pictures only, so {kinds} is left out")
