"""``fastst bench``: how fast a style runs here."""

import json
from typing import Annotated

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.speech import say


def bench(
    style: Annotated[
        str | None,
        typer.Argument(
            callback=known,
            autocompletion=complete_style,
            help="An installed style, or a checkpoint; the first installed one.",
        ),
    ] = None,
    size: Annotated[list[str] | None, typer.Option(help="Such as 640x480; repeatable.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to measure in all, after the warm-up.")] = 20.0,
    engine: Annotated[
        list[str] | None, typer.Option(help="Such as torch or openvino-bf16; repeatable; all by default.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, mps; the fastest by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time a style's network, engine by engine, against the classic network in the same run."""
    from fastst import bench as bench_style
    from fastst.cli.progress import share_progress
    from fastst.cli.tables import speed_table

    with share_progress("measuring") as on_round:
        report = bench_style(
            style, sizes=size, seconds=seconds, engines=engine or [], device=device, on_round=on_round
        )
    say(json.dumps(report, indent=2) if as_json else speed_table(report))
