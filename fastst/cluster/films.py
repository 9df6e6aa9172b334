"""A video painted in parts by a pool: it is the video that one process would have painted."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastst.cluster.film_parts import Film, MeasuredPart, MeasureParts, PaintParts
from fastst.cluster.lists import results_of
from fastst.cluster.pools import Work, WorkerPool
from fastst.cluster.portable import PortableStylizer
from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, atomic_path, refuse_replacing
from fastst.networks.recolor import Colors
from fastst.stylize.frames import FilmColors
from fastst.temporaries import temporary_folder
from fastst.video.codecs import Encoding
from fastst.video.conversion import VideoProgress, VideoResult
from fastst.video.cutting import PART_SECONDS, Part, joined_parts, parts_of
from fastst.video.ends import check_apart, encoding_of
from fastst.video.joining import JoinedFilm, PaintedPart
from fastst.video.opening import is_url
from fastst.video.reading import FilmReader
from fastst.video.settings import VideoSettings

# Of an AVI, whose frames have no times of their own, a part cannot be put after another.
_NOT_JOINED = frozenset((".gif", ".avi", ""))


def paint_film(
    pool: WorkerPool,
    portable: PortableStylizer,
    source: StrPath,
    output: StrPath,
    settings: VideoSettings | None = None,
    *,
    overwrite: bool = False,
    part_seconds: float = PART_SECONDS,
    on_progress: Callable[[VideoProgress], None] = lambda progress: None,
) -> VideoResult:
    """Stylize a video in parts, which are joined without being encoded anew.

    It is cut at key frames. What frames take from those before them is known beforehand: the colors of the
    video are measured first, and with ``smooth`` parts begin where a new scene does. A part that is lost with
    its process is painted again.

    Args:
        pool: who paints; all of them have to find source and output under the same names.
        portable: what with.
        source: a video's file.
        output: likewise, but no AVI and no GIF; written whole or not at all.
        settings: None takes the defaults.
        overwrite: whether a file that is there already is replaced.
        part_seconds: how long parts are, at least.
        on_progress: called after each part.

    Raises:
        UsageError: if source and output are no videos, or as ``stylize_film``.
        FaststError: if a part cannot be painted, or as ``stylize_film``.
    """
    settings = settings or VideoSettings()
    encoding = _checked(os.fspath(source), Path(output), settings, overwrite=overwrite)
    # Other processes may have been started in other folders.
    source, output = os.fspath(Path(source).absolute()), Path(output).absolute()
    reader = FilmReader(source, size=settings.size, start=settings.start, duration=settings.duration)
    try:
        if reader.facts.has_alpha:
            encoding = encoding_of(os.fspath(output), settings, has_alpha=True) or encoding
        film = Film(source, output, reader.facts, settings)
        parts, colors = _prepared(pool, film, parts_of(source, reader, seconds=part_seconds))
        output.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(output.parent) as folder:
            work = PaintParts(film, portable.shared_by(pool), encoding, folder)
            run = _Run(reader.facts.frames, on_progress)
            painted = _all_of(pool, work, list(zip(parts, colors, strict=True)), on_result=run.count)
            with atomic_path(output) as temporary:
                _join(temporary, film, encoding, reader, painted)
    finally:
        reader.close()
    return VideoResult(os.fspath(output), run.frames, run.seconds, False, tuple(reader.notes))


def _checked(source: str, output: Path, settings: VideoSettings, *, overwrite: bool) -> Encoding:
    if is_url(source) or not Path(source).is_file():
        raise UsageError(
            f"{source}: --workers and --cluster take videos from files; leave them out for others"
        )
    if output.suffix.lower() in _NOT_JOINED or "%" in output.name:
        raise UsageError(f"{output}: is no video that can be put together; end its name with .mp4 or .mkv")
    check_apart(source, os.fspath(output))
    encoding = encoding_of(os.fspath(output), settings)
    assert encoding is not None  # only pictures and GIFs have none
    refuse_replacing([output], overwrite=overwrite)
    return encoding


def _prepared(pool: WorkerPool, film: Film, parts: list[Part]) -> tuple[list[Part], list[Colors | None]]:
    """Return the parts to paint, and the colors that the video has had when each begins."""
    measured: list[MeasuredPart] = _all_of(pool, MeasureParts(film), parts)
    kept = joined_parts(parts, [not film.settings.smooth or each.is_new_scene for each in measured])
    begins = {part.begin for part in kept}
    running = FilmColors()
    colors: list[Colors | None] = []
    for each in measured:
        if each.part.begin in begins:
            colors.append(running.running)
        each.lead(running)
    return kept, colors


def _all_of(
    pool: WorkerPool,
    work: Work,
    items: Sequence[Any],
    *,
    on_result: Callable[[Any], None] = lambda result: None,
) -> list[Any]:
    """Return what comes of all items, in their order.

    Raises:
        FaststError: if one is lost for good.
    """
    results = results_of(pool, work, items, on_result=on_result)
    for number, result in enumerate(results, start=1):
        if result is None:
            raise FaststError(
                f"part {number} of {len(items)} of the video: every process that works on it dies; it may "
                "take more memory than there is: give less --memory, or a smaller --size"
            )
    return results


class _Run:
    """The count of the frames, and the time that they take."""

    def __init__(self, total: int | None, on_progress: Callable[[VideoProgress], None]) -> None:
        self.frames = 0
        self.seconds = 0.0
        self._total = total
        self._on_progress = on_progress
        self._began = time.perf_counter()

    def count(self, part: PaintedPart) -> None:
        self.frames += len(part.times)
        self.seconds = time.perf_counter() - self._began
        self._on_progress(VideoProgress(self.frames, self._total, self.seconds))


def _join(
    temporary: Path, film: Film, encoding: Encoding, reader: FilmReader, painted: Sequence[PaintedPart]
) -> None:
    joined = JoinedFilm(
        temporary,
        film.output,
        film.facts,
        encoding,
        film=reader,
        parts=painted,
        all_metadata=film.settings.all_metadata,
        drop_tracks=film.settings.drop_tracks,
    )
    try:
        joined.join()
    except BaseException:
        joined.discard()
        raise
