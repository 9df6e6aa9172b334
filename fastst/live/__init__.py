"""Live pictures from a camera, a file or a network stream, stylized as they come."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from fastst.files import StrPath, refuse_overwriting, refuse_replacing
from fastst.live.settings import LiveSettings
from fastst.live.statistics import LiveReport
from fastst.networks.styles import style_names
from fastst.runtime import load_opencv
from fastst.settings import validated

__all__ = ["LiveReport", "LiveSettings", "run_webcam"]


def run_webcam(
    styles: Sequence[StrPath],
    *,
    device: str | None = None,
    engine: str = "auto",
    seed: int = 0,
    overwrite: bool = False,
    on_report: Callable[[LiveReport], None] = lambda report: None,
    **settings: Any,
) -> LiveReport:
    """Stylize a camera, a video or a stream live, in a window or without one.

    Args:
        styles: installed styles' names or checkpoints' paths; the first is shown first. After a single
            one come all the installed styles.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        engine: as in ``load``.
        seed: as in ``load``; styles without noise take none.
        overwrite: whether a recording that is there already is replaced.
        on_report: called every few seconds with the figures so far.
        settings: any field of ``fastst.live.LiveSettings``, such as ``source="film.mp4", headless=True``.

    Returns:
        The figures of the whole run.

    Raises:
        UsageError: for a setting that is unknown or out of range, a missing display or extra, a recording
            that would overwrite the source or is there already.
        FaststError: if source, style, recording or virtual camera cannot be opened or written.
    """
    load_opencv("the webcam", "webcam")  # before all else; see ``can_open_windows``
    from fastst.live.webcam import run_live
    from fastst.stylize.load import load

    choices = validated(LiveSettings, settings, origin="webcam")
    if choices.record is not None:
        refuse_overwriting([choices.record], [choices.source])
        refuse_replacing([choices.record], overwrite=overwrite)
    names = list(dict.fromkeys(os.fspath(style) for style in styles))
    if len(names) == 1:
        names += [name for name in style_names() if name not in names]
    return run_live(
        names,
        lambda name: load(name, device=device, engine=engine, seed=seed, for_video=True),
        choices,
        on_report=on_report,
    )
