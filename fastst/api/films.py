"""Films and cameras."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fastst.api.styles import load, load_either
from fastst.paths import StrPath
from fastst.validation import validated

if TYPE_CHECKING:
    from fastst.live import LiveReport
    from fastst.video import VideoProgress, VideoResult


def stylize_video(
    style: StrPath | None,
    source: StrPath,
    output: StrPath,
    *,
    regions: Sequence[str | tuple[StrPath, str]] = (),
    feather: float | None = None,
    device: str | None = None,
    engine: str = "auto",
    on_progress: Callable[["VideoProgress"], None] = lambda progress: None,
    **settings: Any,
) -> "VideoResult":
    """Repaint a film; sound, subtitles and frame times stay as they are.

    Args:
        style: an installed style's name, or a checkpoint's path; None if there are regions.
        source: a film, GIF or network stream; a folder of pictures, or a pattern such as f/%04d.png.
        output: a film or GIF; a folder or a pattern for pictures.
        regions: several styles instead of one, each where its mask is white in every frame; as in
            ``load_regions``.
        feather: as in ``load_regions``.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: as in ``load``.
        on_progress: called after every frame.
        settings: any field of ``fastst.video.VideoSettings``, such as ``size=720, keep_colors=True``.

    Raises:
        UsageError: for a setting that is unknown or out of range, an output that cannot be, or a mask that
            has not the film's shape.
        FaststError: if a file cannot be read or written.
        KeyboardInterrupt: on Ctrl-C before the first frame.
    """
    from fastst.video import VideoSettings
    from fastst.video import stylize_video as stylize_film

    choices = validated(VideoSettings, settings, origin="video")
    stylizer = load_either(style, regions=regions, feather=feather, device=device, engine=engine)
    return stylize_film(stylizer, source, output, choices, on_progress=on_progress)


def run_webcam(
    styles: Sequence[StrPath],
    *,
    device: str | None = None,
    engine: str = "auto",
    on_report: Callable[["LiveReport"], None] = lambda report: None,
    **settings: Any,
) -> "LiveReport":
    """Repaint a camera, a film or a stream live, in a window or without one.

    Args:
        styles: installed styles' names or checkpoints' paths; the first is shown first. After a single
            one come all the installed styles.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: as in ``load``.
        on_report: called every few seconds with the figures so far.
        settings: any field of ``fastst.live.LiveSettings``, such as ``source="film.mp4", headless=True``.

    Returns:
        The figures of the whole run.

    Raises:
        UsageError: for a setting that is unknown or out of range, a missing display or extra.
        FaststError: if source, style, recording or virtual camera cannot be opened or written.
    """
    from fastst.opencv import load_opencv

    load_opencv("the webcam", "webcam")  # before all else; see ``can_open_windows``
    from fastst.live import LiveSettings
    from fastst.live.webcam import run_live
    from fastst.styles import installed_styles

    choices = validated(LiveSettings, settings, origin="webcam")
    names = list(dict.fromkeys(os.fspath(style) for style in styles))
    if len(names) == 1:
        names += [name for name in installed_styles() if name not in names]
    return run_live(
        names, lambda name: load(name, device=device, engine=engine), choices, on_report=on_report
    )
