"""The reports of `evaluate` and `bench` as tables of plain text."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fastst.errors import shown

# Figure, its key, what it is compared with, and that one's key.
_COMPARED = (
    ("style error", "style_error", "photos", "photo_style_error"),
    ("style error, AlexNet", "second_style_error", "photos", "photo_second_style_error"),
    ("  at half size", "half_second_style_error", "photos", "photo_half_second_style_error"),
    ("  at quarter size", "quarter_second_style_error", "photos", "photo_quarter_second_style_error"),
    ("color distance", "color_distance", "photos", "photo_color_distance"),
    ("chroma", "chroma", "painting", "painting_chroma"),
    ("lightness contrast", "lightness_contrast", "painting", "painting_lightness_contrast"),
)


def evaluation_tables(report: Mapping[str, Any]) -> str:
    """Return the mean figures, and the L-BFGS equivalence if it was measured, as plain text."""
    mean = report["mean"]
    figures = Table("figure", "stylized", "compared with", "ratio", box=None)
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


def flicker_table(report: Mapping[str, Any]) -> str:
    """Return the flicker of the stylized pictures beside that of the input, as plain text."""
    table = Table("flicker, in 1/255", "on", "stylized", "input", "ratio", box=None)
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
    stylized, floor = flicker["stylized"], flicker["input"]
    table.add_row(
        figure, Text(shown(where)), f"{255 * stylized:.2f}", f"{255 * floor:.2f}", _ratio(stylized, floor)
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
