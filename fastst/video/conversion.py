"""Stylizes a video from one file into another."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from av import Packet

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, refuse_overwriting, refuse_replacing, refuse_standard_output
from fastst.runtime import deferred_interrupt
from fastst.settings import validated
from fastst.stylize.frames import FilmColors, FrameStylizer, frame_stylizer
from fastst.stylize.load import load_either
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer
from fastst.video.ends import check_apart, encoding_of, open_sink, open_source, outputs_there
from fastst.video.frame import FilmFacts, Frame, Sink
from fastst.video.pipeline import run_pipeline
from fastst.video.settings import VideoSettings

# What may wait in each of the two queues, so that memory does not grow with the frames' size.
_WAITING_BYTES = 64 * 2**20
_FEWEST_WAITING, _MOST_WAITING = 2, 16


@dataclass(frozen=True)
class VideoProgress:
    """How far a video is.

    Attributes:
        frames: done.
        total: expected; None if that is unknown.
        seconds: since the first frame was begun.
    """

    frames: int
    total: int | None
    seconds: float

    @property
    def fps(self) -> float:
        """Frames a second so far."""
        return self.frames / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class VideoResult:
    """A video that was written.

    Attributes:
        output: the file, folder or pattern.
        frames: written.
        seconds: that it took.
        stopped: whether Ctrl-C or ``should_stop`` ended it before its end.
        notes: what went wrong without ending the video, a line each.
    """

    output: str
    frames: int
    seconds: float
    stopped: bool
    notes: tuple[str, ...]


def stylize_video(
    style: StrPath | None,
    source: StrPath,
    output: StrPath,
    *,
    regions: Sequence[str | tuple[StrPath, str]] = (),
    feather: float | None = None,
    device: str | None = None,
    engine: str = "auto",
    memory: int | str | None = None,
    seed: int = 0,
    overwrite: bool = False,
    on_progress: Callable[[VideoProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
    **settings: Any,
) -> VideoResult:
    """Stylize a video; sound, subtitles and frame times stay as they are.

    Args:
        style: an installed style's name, or a checkpoint's path; None if there are regions.
        source: a video, GIF or network stream; a folder of pictures, or a pattern such as f/%04d.png.
        output: a video or GIF; a folder or a pattern for pictures.
        regions: several styles instead of one, each where its mask is white in every frame; as in
            ``load_regions``.
        feather: as in ``load_regions``.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: as in ``load``.
        memory: as in ``load``, for the frames that wait too; larger frames are worked in tiles, by torch.
        seed: as in ``load``.
        overwrite: whether files that are there already are replaced.
        on_progress: called after every frame.
        should_stop: asked before every frame; if true, the video ends there, as by Ctrl-C.
        settings: any field of ``fastst.video.VideoSettings``, such as ``size=720, keep_colors=True``.

    Raises:
        UsageError: for a setting that is unknown or out of range, an output that cannot be or is there
            already, or a mask that has not the video's shape.
        FaststError: if a file cannot be read or written.
        KeyboardInterrupt: on Ctrl-C before the first frame.
    """
    choices = validated(VideoSettings, settings, origin="video")
    stylizer = load_either(
        style,
        regions=regions,
        feather=feather,
        device=device,
        engine=engine,
        memory=memory,
        seed=seed,
        for_video=True,
    )
    return stylize_film(
        stylizer,
        source,
        output,
        choices,
        overwrite=overwrite,
        on_progress=on_progress,
        should_stop=should_stop,
    )


def stylize_film(
    stylizer: Stylizer | RegionStylizer,
    source: StrPath,
    output: StrPath,
    settings: VideoSettings | None = None,
    *,
    overwrite: bool = False,
    on_progress: Callable[[VideoProgress], None] = lambda progress: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> VideoResult:
    """Stylize a video; sound, subtitles, chapters and titles are copied as they are.

    Ctrl-C finishes the video with the frames so far; a second one gives up and leaves nothing.

    Args:
        stylizer: the network to stylize with, or several in their regions.
        source: a video, GIF or network stream; a folder of pictures, or a pattern such as f/%04d.png.
        output: a video or GIF; a folder or a pattern for pictures. Written whole or not at all.
        settings: None takes the defaults.
        overwrite: whether files that are there already are replaced.
        on_progress: called after every frame.
        should_stop: asked before every frame; if true, the video ends there, as by Ctrl-C.

    Raises:
        UsageError: if output and settings do not fit together or the source, the output is there already, or
            a mask has not the video's shape.
        FaststError: if the source cannot be read, the output not be written, or there is no frame.
        KeyboardInterrupt: on Ctrl-C before the first frame.
    """
    source, output = os.fspath(source), os.fspath(output)
    settings = settings or VideoSettings()
    refuse_standard_output(output)
    check_apart(source, output)
    if isinstance(stylizer, RegionStylizer):
        refuse_overwriting([output], stylizer.mask_files)
    encoding_of(output, settings)  # complains before any work is done
    refuse_replacing(outputs_there(output), overwrite=overwrite)
    film = open_source(source, output, settings)
    try:
        if isinstance(stylizer, RegionStylizer):
            stylizer.check_masks((film.facts.height, film.facts.width), picture="the video")
        check_memory(stylizer, film.facts, source)
        with open_sink(output, film, settings) as sink, deferred_interrupt() as is_interrupted:
            run = _Run(film.facts, sink, frame_stylizer_of(stylizer, settings), on_progress)
            stopped = run_pipeline(
                film.items(),
                run.paint,
                run.write,
                depth=_depth(film.facts),
                should_stop=lambda: is_interrupted() or should_stop(),
            )
            if run.written == 0:
                if is_interrupted():
                    raise KeyboardInterrupt
                if stopped:
                    raise FaststError(f"{source}: was stopped before its first frame, so there is no video")
                raise FaststError(f"{source}: not one frame can be read; it is cut short or damaged")
            sink.close()
    finally:
        film.close()
    return VideoResult(output, run.written, run.seconds, stopped, tuple(film.notes))


def frame_stylizer_of(
    stylizer: Stylizer | RegionStylizer, settings: VideoSettings, *, film_colors: FilmColors | None = None
) -> FrameStylizer:
    """Return the function that every frame goes through; ``film_colors`` are those of the video before."""
    paint = frame_stylizer(
        stylizer, strength=settings.strength, keep_colors=settings.keep_colors, film_colors=film_colors
    )
    if not settings.smooth:
        return paint
    from fastst.video.smoothing import smoothed  # needs OpenCV, which not everyone has

    return smoothed(paint)


class _Run:
    """The work on each item, and the count of it."""

    def __init__(
        self,
        facts: FilmFacts,
        sink: Sink,
        painter: FrameStylizer,
        on_progress: Callable[[VideoProgress], None],
    ) -> None:
        self.written = 0
        self.seconds = 0.0
        self._painted = 0
        self._total = facts.frames
        self._sink = sink
        self._painter = painter
        self._on_progress = on_progress
        self._began = time.perf_counter()

    def paint(self, item: Frame | Packet) -> Frame | Packet:
        if isinstance(item, Packet):
            return item
        painted = replace(item, rgb=self._painter(item.rgb))
        self._painted += 1
        self.seconds = time.perf_counter() - self._began
        self._on_progress(VideoProgress(self._painted, self._total, self.seconds))
        return painted

    def write(self, item: Frame | Packet) -> None:
        self._sink.write(item)
        if isinstance(item, Frame):
            self.written += 1


def check_memory(stylizer: Stylizer | RegionStylizer, facts: FilmFacts, source: str) -> None:
    """Refuse frames that do not fit into memory, of which a video has several at a time."""
    each = [stylizer] if isinstance(stylizer, Stylizer) else [one for _, one in stylizer.regions]
    try:
        for one in each:
            one.check_frames(facts.width, facts.height)
    except UsageError as error:
        raise UsageError(
            f"{source}: its frames of {facts.width} x {facts.height} take more memory than there is for "
            "them; give a smaller --size, or more --memory"
        ) from error


def _depth(facts: FilmFacts) -> int:
    frames = _WAITING_BYTES // (3 * facts.width * facts.height)
    return min(max(frames, _FEWEST_WAITING), _MOST_WAITING)
