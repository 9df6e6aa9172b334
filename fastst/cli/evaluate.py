"""``fastst evaluate``: measure a style's network on photos it never saw."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.derived import with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import StyleArgument
from fastst.errors import UsageError
from fastst.evaluation.settings import EvaluateOptions


@with_options_of(EvaluateOptions)
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
        list[str] | None, typer.Option("--video", help="Measure flicker on this video; repeatable.")
    ] = None,
    flow: Annotated[
        list[Path] | None,
        typer.Option(help="Measure flicker on two frames and their true .flo in this folder; repeatable."),
    ] = None,
    *,
    given: dict[str, Any],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure a style on photos against its painting, or its flicker on videos, or both.

    With a painting and photos: losses, a second network's opinion, colors, grid, borders, L-BFGS
    equivalence. With videos: warping errors, also by known motion on the photos if there are any.
    """
    from fastst import evaluate as evaluate_style
    from fastst.cli.progress import counted_progress
    from fastst.cli.tables import evaluation_tables, flicker_table

    on_clips, on_photos = bool(videos or flow), painting is not None and bool(photos)
    if not on_clips and not on_photos:
        raise UsageError("evaluate needs --style with --photos, or --video, or --flow")
    if painting is not None and not photos:
        raise UsageError("--style is for measuring on photos; give some with --photos, or leave it out")
    options = EvaluateOptions(**given)
    if options.equivalence_sizes and not on_photos:
        raise UsageError("--equivalence is counted on photos; give --style and --photos, or leave it out")
    if options.smooth and not videos:
        raise UsageError("--smooth is for videos; give some with --video, or leave it out")
    report: dict[str, Any] = {}
    tables = []
    if on_clips:
        report["flicker"] = _flicker(
            style,
            videos=videos or [],
            photos=photos or [],
            flow_folders=flow or [],
            size=options.size,
            frames=options.frames,
            smooth=options.smooth,
        )
        tables.append(flicker_table(report["flicker"]))
    if painting is not None and photos:
        with counted_progress("photos") as on_photo:
            judged = evaluate_style(
                style,
                painting=painting,
                photos=photos,
                **options.model_dump(exclude={"frames", "smooth"}),
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


def _flicker(style: str, **options: Any) -> dict[str, Any]:
    from fastst import evaluate_flicker
    from fastst.cli.progress import counted_progress

    with counted_progress("flicker") as on_step:
        return evaluate_flicker(style, **options, on_step=on_step)
