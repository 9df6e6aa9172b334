"""What the commands show: progress bars and tables."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from rich.table import Table
from rich.text import Text

from fastst.cli.speech import say_aside
from fastst.errors import shown

if TYPE_CHECKING:
    from fastst.cluster.photos import PhotosProgress
    from fastst.optimization import IterationReport
    from fastst.training import StepReport
    from fastst.video import VideoProgress

_SECONDS_BETWEEN_LINES = 30.0

# Figure, its key, what it is compared with, and that one's key.
_COMPARED = (
    ("style error", "style_error", "photos", "photo_style_error"),
    ("style error, AlexNet", "second_style_error", "photos", "photo_second_style_error"),
    ("  at half size", "half_second_style_error", "photos", "photo_half_second_style_error"),
    ("  at quarter size", "quarter_second_style_error", "photos", "photo_quarter_second_style_error"),
    ("colour distance", "colour_distance", "photos", "photo_colour_distance"),
    ("chroma", "chroma", "painting", "painting_chroma"),
    ("lightness contrast", "lightness_contrast", "painting", "painting_lightness_contrast"),
)


def _bar(*columns: str, is_timed: bool = True) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        *(TextColumn(column) for column in columns),
        TimeElapsedColumn(),
        *([TimeRemainingColumn()] if is_timed else []),
        console=Console(stderr=True),
        # In a log file a bar is noise.
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def training_progress() -> Iterator[Callable[["StepReport"], None]]:
    """Show steps, loss terms, images a second and time left; the bar follows steps or minutes alike.

    Where the error stream is no terminal, such as a log file, a line is printed now and then.
    """
    if not sys.stderr.isatty():
        yield _print_now_and_then()
        return
    bar = _bar("{task.fields[state]}")
    task = bar.add_task("training", total=1.0, state="")

    def show(report: "StepReport") -> None:
        bar.start()  # only now: of several processes, one reports
        bar.update(task, completed=report.share, state=_state(report))

    try:
        yield show
    finally:
        bar.stop()


def _state(report: "StepReport") -> str:
    terms = " ".join(f"{name} {value:.3f}" for name, value in report.terms.items())
    return f"{report.step}/{report.steps} {terms} {report.images_per_second:.1f} images/s"


def _print_now_and_then() -> Callable[["StepReport"], None]:
    last = 0.0

    def show(report: "StepReport") -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES or report.step == report.steps:
            last = time.monotonic()
            say_aside(f"training {_state(report)}")

    return show


@contextmanager
def photos_progress() -> Iterator[Callable[["PhotosProgress"], None]]:
    """Show how many photos are done, how many a second, and the time left; in a log file, now and then."""
    if not sys.stderr.isatty():
        yield _print_photos_now_and_then()
        return
    with _bar("{task.fields[state]}", is_timed=False) as bar:
        task = bar.add_task("photos", total=None, state="")
        yield lambda progress: bar.update(
            task, completed=progress.done, total=progress.total, state=_photos_state(progress)
        )


def _photos_state(progress: "PhotosProgress") -> str:
    of = "" if progress.total is None else f"/{progress.total}"
    failed = f" {progress.failed} failed" if progress.failed else ""
    left = progress.seconds_left
    until = "" if left is None else f" {timedelta(seconds=round(left))} left"
    return f"{progress.done}{of} {progress.rate:.1f} photos/s{failed}{until}"


def _print_photos_now_and_then() -> Callable[["PhotosProgress"], None]:
    last = time.monotonic()

    def show(progress: "PhotosProgress") -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say_aside(_photos_state(progress))

    return show


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


def evaluation_tables(report: Mapping[str, Any]) -> str:
    """Return the mean figures, and the L-BFGS equivalence if it was measured, as plain text."""
    mean = report["mean"]
    figures = Table("figure", "stylised", "compared with", "ratio", box=None)
    strokes = " ".join(f"{mean[f'strokes_{size}']:.2f}" for size in (4, 8, 16, 32))
    figures.add_row("rank", f"{mean['rank']:.2f}", "1: painted, and the photo still there")
    figures.add_row("strokes", strokes, "the painting's, at 4 8 16 32 px")
    figures.add_row("edges", f"{mean['edges']:.2f}", f"the photo's; at least {report['least_edges']:.2f}")
    figures.add_row("hatch", f"{mean['hatch']:.2f}", "0: none, in units of L*")
    weighted = " + ".join(f"{weight:g} {term}" for term, weight in report["weights"].items() if weight)
    figures.add_row("objective", f"{mean['objective']:.3f}", f"= {weighted}")
    for name in ("content", "style", "variation"):
        figures.add_row(name, f"{mean[name]:.3f}")
    for name, key, other, other_key in _COMPARED:
        value, reference = mean[key], mean[other_key]
        figures.add_row(name, f"{value:.3f}", f"{other} {reference:.3f}", _ratio(value, reference))
    figures.add_row("grid energy", f"{mean['grid_energy']:.4f}", "0: no grid")
    figures.add_row("border ratio", f"{mean['border_ratio']:.2f}", "1: no halo")
    tables = [figures, *([_equivalence_table(report["equivalence"])] if report["equivalence"] else [])]
    return _as_text(*tables)


def speed_table(report: Mapping[str, Any]) -> str:
    """Return the speeds by size and engine, and the machine, as plain text."""
    columns = ("size", "style", "engine", "ms", "fps", "times classic", "first frame", "memory")
    table = Table(*columns, box=None)
    for row in sorted(
        [*report["reference"], *report["results"]], key=lambda row: row["width"] * row["height"]
    ):
        table.add_row(
            f"{row['width']} x {row['height']}",
            Text(shown(row["style"])),
            row["engine"],
            f"{row['ms']:.1f}",
            f"{row['fps']:.1f}",
            f"{row['times_classic']:.1f}",
            f"{row['first_ms'] / 1000:.2f} s",
            f"{row['memory_mb']:.0f} MiB",
        )
    machine = report["machine"]
    bf16 = "with" if machine["bf16"] else "without"
    where = f"{machine['processor']}, {machine['threads']} threads, {bf16} bf16 arithmetic"
    return f"{_as_text(table)}\n{where}; a frame's time is the median, network only"


def steadiness_table(report: Mapping[str, Any]) -> str:
    """Return the flicker of the stylised pictures beside that of the input, as plain text."""
    table = Table("flicker, in 1/255", "on", "stylised", "input", "ratio", box=None)
    for name, clip in report["clips"].items():
        told = f"{name} ({clip['frames']} frames, {clip['cuts']} cuts)"
        _add_flicker(table, "warping error, optical flow", told, clip["warping"])
        if clip["still"]:
            share = f"{100 * clip['still_share']:.0f} % of {name}"
            _add_flicker(table, "change of the still background", share, clip["still"])
    if report["known_motion"]:
        _add_flicker(table, "warping error, known motion", "photos", report["known_motion"])
    for name, flicker in report["true_flow"].items():
        _add_flicker(table, "warping error, true flow", name, flicker)
    return _as_text(table)


def _add_flicker(table: Table, figure: str, where: str, flicker: Mapping[str, float]) -> None:
    stylised, floor = flicker["stylised"], flicker["input"]
    table.add_row(
        figure, Text(shown(where)), f"{255 * stylised:.2f}", f"{255 * floor:.2f}", _ratio(stylised, floor)
    )


def _as_text(*tables: Table) -> str:
    console = Console(width=140)
    with console.capture() as capture:
        for table in tables:
            console.print(table)
    return capture.get().rstrip()


def _ratio(value: float, reference: float) -> str:
    # A woodcut has no chroma to be compared with.
    return f"{value / reference:.3f}" if reference > 1e-6 else "–"


def _equivalence_table(rows: list[Mapping[str, Any]]) -> Table:
    columns = ("L-BFGS equivalence", "size", "from", "network's objective", "iterations", "network faster by")
    table = Table(*columns, box=None)
    for row in rows:
        reached, more = row["iterations"] is not None, "" if row["iterations"] is not None else "over "
        iterations = str(row["iterations"]) if reached else f"over {row['limit']} (at {row['reached']:.3f})"
        faster = f"{more}{row['seconds'] / row['network_seconds']:.0f} times"
        objective = f"{row['network_objective']:.3f}"
        table.add_row(
            Text(shown(row["photo"])), str(row["size"]), row["start"], objective, iterations, faster
        )
    return table
