"""``fastst evaluate``: judge a style's network on photos it never saw."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import StyleArgument
from fastst.errors import UsageError


def evaluate(
    style: StyleArgument,
    painting: Annotated[
        Path | None,
        typer.Option(
            "--style", help="The painting it was trained on, its style mask beside it if it had one."
        ),
    ] = None,
    photos: Annotated[
        list[Path] | None, typer.Option(help="Photos that training never saw; a folder of them.")
    ] = None,
    videos: Annotated[
        list[str] | None, typer.Option("--video", help="Measure flicker on this clip; repeatable.")
    ] = None,
    flow: Annotated[
        list[Path] | None,
        typer.Option(help="Measure flicker on two frames and their true .flo in this folder; repeatable."),
    ] = None,
    frames: Annotated[int, typer.Option(help="Frames of each clip at most.")] = 120,
    smooth: Annotated[bool, typer.Option("--smooth", help="Measure clips as --smooth leaves them.")] = False,
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
    """Measure a style on photos against its painting, or its flicker on clips, or both.

    With a painting and photos: losses, a second network's opinion, colours, grid, borders, L-BFGS
    equivalence. With clips: warping errors, also by known motion on the photos if there are any.
    """
    from fastst import evaluate as evaluate_style
    from fastst.cli.progress import counted_progress
    from fastst.cli.tables import evaluation_tables, steadiness_table

    on_clips, on_photos = bool(videos or flow), painting is not None and bool(photos)
    if not on_clips and not on_photos:
        raise UsageError("evaluate needs --style with --photos, or --video, or --flow")
    if painting is not None and not photos:
        raise UsageError("--style is for judging photos; give some with --photos, or leave it out")
    if equivalence and not on_photos:
        raise UsageError("--equivalence is counted on photos; give --style and --photos, or leave it out")
    if smooth and not videos:
        raise UsageError("--smooth is for clips; give some with --video, or leave it out")
    report: dict[str, Any] = {}
    tables = []
    if on_clips:
        report["steadiness"] = _steadiness(
            style,
            videos=videos or [],
            photos=photos or [],
            flow_folders=flow or [],
            size=size,
            frames=frames,
            smooth=smooth,
        )
        tables.append(steadiness_table(report["steadiness"]))
    if painting is not None and photos:
        with counted_progress("photos") as on_photo:
            judged = evaluate_style(
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
        report |= judged
        tables.append(evaluation_tables(judged))
    failed = report.get("failed", {})
    for message in failed.values():
        say_aside(f"error: {message}")
    say(json.dumps(report, indent=2) if as_json else "\n\n".join(tables))
    if failed:
        raise typer.Exit(1)


def _steadiness(style: str, **options: Any) -> dict[str, Any]:
    from fastst import evaluate_steadiness
    from fastst.cli.progress import counted_progress

    with counted_progress("flicker") as on_step:
        return evaluate_steadiness(style, **options, on_step=on_step)
