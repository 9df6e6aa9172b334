"""``fastst optimize``: the slow reference method."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.derived import given_of, with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import OverwriteOption
from fastst.errors import shown
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization.settings import OptimizationSettings, ReferenceOptions


@with_options_of(ReferenceOptions, OptimizationSettings, ObjectiveSettings)
def optimize(
    photo: Annotated[Path, typer.Argument(help="The content image.", show_default=False)],
    paintings: Annotated[
        list[str],
        typer.Argument(
            help="The style image; several are mixed, by weights if given as FILE:0.7.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write.")],
    *,
    given: dict[str, Any],
    region: Annotated[
        list[str] | None,
        typer.Option(
            help="MASK:STYLE_MASK, repeatable; MASK may be rest, STYLE_MASK may be all or left out."
        ),
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Stylize one photo by gradient descent on its pixels: slow, and the measure of the networks."""
    from fastst import optimize_file
    from fastst.cli.progress import optimization_progress

    search = given_of(OptimizationSettings, given)
    steps = search.get("steps", OptimizationSettings().steps)
    with optimization_progress(steps) as on_iteration:
        stopped = optimize_file(
            photo,
            [weighted(painting) for painting in paintings],
            output,
            overwrite=overwrite,
            regions=region or (),
            on_iteration=on_iteration,
            objective=given_of(ObjectiveSettings, given),
            **given_of(ReferenceOptions, given),
            **search,
        )
    say(shown(output))
    if stopped:
        say_aside("stopped: the picture so far is kept")
        raise typer.Exit(130)


def weighted(painting: str) -> tuple[str, float]:
    """Return a painting's file and its weight, 1 if there is none: of ``FILE`` or ``FILE:0.7``."""
    file, colon, weight = painting.rpartition(":")
    try:
        return (file, float(weight)) if colon else (painting, 1.0)
    except ValueError:
        return painting, 1.0
