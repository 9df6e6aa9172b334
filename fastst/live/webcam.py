"""Runs live pictures from a source to a window, a recording, a virtual camera, or only to numbers."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fastst.live.loop import Controls, LiveLoop, Output, WorkingSize
from fastst.live.recording import Recorder, VirtualCamera
from fastst.live.settings import LiveSettings
from fastst.live.shelf import StyleShelf
from fastst.live.sources import Capture, LiveSource, open_source
from fastst.live.stage import Stage
from fastst.live.statistics import LiveReport
from fastst.live.window import Window
from fastst.runtime import deferred_interrupt
from fastst.stylize.stylizer import Stylizer

_USUAL_FPS = 30.0
_SECONDS_BETWEEN_REPORTS = 5.0


def run_live(
    styles: Sequence[str],
    load: Callable[[str], Stylizer],
    settings: LiveSettings,
    *,
    on_report: Callable[[LiveReport], None] = lambda report: None,
    on_shelf: Callable[[StyleShelf], None] = lambda shelf: None,
) -> LiveReport:
    """Stylize live pictures until the source ends, the time is up, the user quits or presses Ctrl-C.

    Args:
        styles: to choose from; the first is shown first.
        load: returns a style ready to stylize.
        settings: what, how and where to.
        on_report: called every few seconds with the figures so far.
        on_shelf: called once a frame, and may ask the shelf for another style.

    Returns:
        The figures of the whole run.

    Raises:
        UsageError: if there is no display, or an extra is not installed.
        FaststError: if source, style, recording or virtual camera cannot be opened or written.
    """
    with ExitStack() as open_things, deferred_interrupt() as is_interrupted:
        source = open_source(settings.source, loop=settings.loop)
        capture: Capture | None = None
        open_things.callback(lambda: capture.close() if capture else source.close())
        window = None if settings.headless else Window(width=source.width, height=source.height)
        shelf = StyleShelf(styles, load)
        open_things.callback(shelf.close)
        controls = Controls(settings.strength, settings.keep_colors, settings.smooth)
        outputs: list[Output] = []
        if settings.virtual_camera:
            camera = VirtualCamera(width=source.width, height=source.height, fps=source.fps)
            open_things.callback(camera.close)
            outputs.append(camera)
        if settings.record is not None:
            outputs.append(open_things.enter_context(_recorded(settings.record, source)))
        stage: Stage | None = None
        if window is not None:
            stage = _stage(window, shelf, controls, source)
            open_things.callback(stage.close)
            outputs.append(stage)
        capture = Capture(source)
        size = WorkingSize(
            longest=max(source.width, source.height),
            fixed=settings.size,
            fps=settings.fps or _USUAL_FPS,
        )
        loop = LiveLoop(capture, shelf, size, controls, outputs)
        if stage is not None:
            stage.statistics = loop.statistics
            stage.dropped = lambda: capture.dropped
        clock = _Clock(settings.seconds)

        def should_stop() -> bool:
            on_shelf(shelf)
            if clock.report_is_due():
                on_report(loop.report())
            return is_interrupted() or clock.is_over() or (stage is not None and stage.is_over)

        return loop.run(should_stop)


class _Clock:
    def __init__(self, seconds: float | None) -> None:
        now = time.monotonic()
        self._end = None if seconds is None else now + seconds
        self._next_report = now + _SECONDS_BETWEEN_REPORTS

    def is_over(self) -> bool:
        return self._end is not None and time.monotonic() >= self._end

    def report_is_due(self) -> bool:
        if time.monotonic() < self._next_report:
            return False
        self._next_report += _SECONDS_BETWEEN_REPORTS
        return True


@contextmanager
def _recorded(path: Path, source: LiveSource) -> Iterator[Recorder]:
    recorder = Recorder(path, width=source.width, height=source.height, fps=source.fps)
    try:
        yield recorder
    finally:
        recorder.close()


def _stage(window: Window, shelf: StyleShelf, controls: Controls, source: LiveSource) -> Stage:
    def start_recording(path: Path) -> Recorder:
        return Recorder(path, width=source.width, height=source.height, fps=source.fps)

    return Stage(window, shelf, controls, folder=Path.cwd(), start_recording=start_recording)
