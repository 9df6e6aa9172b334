"""Progress bars, which fit a terminal of 80 columns and show the time left."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from fastst.cli.speech import say_aside
from fastst.errors import shown

if TYPE_CHECKING:
    from fastst.cluster.photos import PhotosProgress
    from fastst.optimization.search import IterationReport
    from fastst.training.monitor import StepReport
    from fastst.video.conversion import VideoProgress

_SECONDS_BETWEEN_LINES = 30.0
_Report = TypeVar("_Report")


def _bar(*columns: str, is_timed: bool = True) -> Progress:
    return Progress(
        TextColumn(
            "{task.description}", table_column=Column(max_width=24, no_wrap=True, overflow="ellipsis")
        ),
        BarColumn(bar_width=20),
        *(TextColumn(column) for column in columns),
        TimeElapsedColumn(),
        *([TimeRemainingColumn()] if is_timed else []),
        console=Console(stderr=True),
        # In a log file a bar is noise.
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def training_progress() -> Iterator[Callable[["StepReport"], None]]:
    """Show steps, the loss, images a second and time left; the bar follows steps or minutes alike.

    Where the error stream is no terminal, such as a log file, a line with every term is printed now and then.
    """
    if not sys.stderr.isatty():
        yield _now_and_then(_training_line, since=0.0, is_last=lambda report: report.step == report.steps)
        return
    bar = _bar("{task.fields[state]}")
    task = bar.add_task("training", total=1.0, state="")

    def show(report: "StepReport") -> None:
        bar.start()  # only now: of several processes, one reports
        state = f"{report.step}/{report.steps} loss {report.terms['total']:.3f}"
        speed = f"{report.images_per_second:.1f} img/s"
        bar.update(task, completed=report.share, state=f"{state} {speed}")

    try:
        yield show
    finally:
        bar.stop()


def _training_line(report: "StepReport") -> str:
    terms = " ".join(f"{name} {value:.3f}" for name, value in report.terms.items())
    return f"training {report.step}/{report.steps} {terms} {report.images_per_second:.1f} images/s"


def _now_and_then(
    line_of: Callable[[_Report], str],
    *,
    since: float,
    is_last: Callable[[_Report], bool] = lambda report: False,
) -> Callable[[_Report], None]:
    """Return what prints a line of a report if the one before is some time ago, or the report the last."""
    last = since

    def show(report: _Report) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES or is_last(report):
            last = time.monotonic()
            say_aside(line_of(report))

    return show


@contextmanager
def photos_progress() -> Iterator[Callable[["PhotosProgress"], None]]:
    """Show how many photos are done, how many a second, and the time left; in a log file, now and then."""
    if not sys.stderr.isatty():
        yield _now_and_then(_photos_line, since=time.monotonic())
        return
    with _bar("{task.fields[state]}", is_timed=False) as bar:
        task = bar.add_task("photos", total=None, state="")
        yield lambda progress: bar.update(
            task, completed=progress.done, total=progress.total, state=_photos_line(progress)
        )


def _photos_line(progress: "PhotosProgress") -> str:
    of = "" if progress.total is None else f"/{progress.total}"
    failed = f" {progress.failed} failed" if progress.failed else ""
    left = progress.seconds_left
    until = "" if left is None else f" {timedelta(seconds=round(left))} left"
    return f"{progress.done}{of} {progress.rate:.1f} photos/s{failed}{until}"


@contextmanager
def optimization_progress(steps: int) -> Iterator[Callable[["IterationReport"], None]]:
    """Show iterations and the objective."""
    with _bar("{task.completed}/{task.total} objective {task.fields[objective]}") as bar:
        task = bar.add_task("optimising", total=steps, objective="")

        def show(report: "IterationReport") -> None:
            bar.update(task, completed=report.step, objective=f"{report.total:.4g}")

        yield show


@contextmanager
def picture_progress() -> Iterator[Callable[[Path, float], None]]:
    """Show how much of a picture is done, for those that take several steps."""
    with _bar("{task.percentage:3.0f} %") as bar:
        tasks: dict[Path, TaskID] = {}

        def show(picture: Path, share: float) -> None:
            if picture not in tasks and share < 1:
                tasks[picture] = bar.add_task(escape(shown(picture.name)), total=1.0)
            if picture in tasks:
                # A finished picture says so in a line of its own.
                bar.update(tasks[picture], completed=share, visible=share < 1)

        yield show


@contextmanager
def counted_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of how many are done."""
    with _bar("{task.completed}/{task.total}") as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def share_progress(what: str) -> Iterator[Callable[[float], None]]:
    """Show which share, from 0 to 1, is done."""
    with _bar() as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)


@contextmanager
def video_progress() -> Iterator[Callable[["VideoProgress"], None]]:
    """Show the frames done, frames a second and the time left."""
    with _bar("{task.fields[state]}") as bar:
        task = bar.add_task("frames", total=None, state="")

        def show(progress: "VideoProgress") -> None:
            of = f"/{progress.total}" if progress.total else ""
            state = f"{progress.frames}{of} {progress.fps:.1f} fps"
            bar.update(task, completed=progress.frames, total=progress.total, state=state)

        yield show
