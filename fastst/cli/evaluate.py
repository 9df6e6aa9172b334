"""``fastst evaluate``: judge a style's network on photos it never saw."""

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    style: Annotated[str, typer.Argument(help="An installed style, or a checkpoint.", show_default=False)],
    painting: Annotated[Path, typer.Option("--style", help="The painting it was trained on.")],
    photos: Annotated[list[Path], typer.Option(help="Photos that training never saw; a folder of them.")],
    size: Annotated[int, typer.Option(help="Long side of the photos in pixels.")] = 512,
    equivalence: Annotated[
        list[int] | None,
        typer.Option(
            help="Also count the L-BFGS iterations that reach it, at this long side; repeatable, slow."
        ),
    ] = None,
    equivalence_photos: Annotated[int, typer.Option(help="On how many of the photos.")] = 2,
    equivalence_limit: Annotated[int, typer.Option(help="Iterations at which to stop counting.")] = 300,
    loss_network_weights: Annotated[Path | None, typer.Option(help="VGG-16 as safetensors.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a style: losses, a second network's opinion, colours, grid, borders, L-BFGS equivalence."""
    from fastst.api import evaluate as evaluate_style
    from fastst.cli.progress import counted_progress
    from fastst.cli.report import evaluation_tables

    with counted_progress("photos") as on_photo:
        report = evaluate_style(
            style,
            painting=painting,
            photos=photos,
            size=size,
            equivalence_sizes=equivalence or [],
            equivalence_photos=equivalence_photos,
            equivalence_limit=equivalence_limit,
            loss_network_weights=loss_network_weights,
            on_photo=on_photo,
        )
    for message in report["failed"].values():
        typer.echo(f"error: {message}", err=True)
    typer.echo(json.dumps(report, indent=2) if as_json else evaluation_tables(report))
    if report["failed"]:
        raise typer.Exit(1)
