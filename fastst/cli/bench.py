"""``fastst bench``: how fast a style runs here."""

import json
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.derived import with_options_of
from fastst.cli.speech import say
from fastst.evaluation.settings import BenchOptions


@with_options_of(BenchOptions)
def bench(
    style: Annotated[
        str | None,
        typer.Argument(
            callback=known,
            autocompletion=complete_style,
            help="An installed style, or a checkpoint; the first installed one.",
        ),
    ] = None,
    *,
    given: dict[str, Any],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time a style's network, engine by engine, against the classic network in the same run."""
    from fastst import bench as bench_style
    from fastst.cli.progress import share_progress
    from fastst.cli.tables import speed_table

    with share_progress("measuring") as on_round:
        report = bench_style(style, **given, on_round=on_round)
    say(json.dumps(report, indent=2) if as_json else speed_table(report))
