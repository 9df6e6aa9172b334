"""``fastst optimize``: the slow reference method."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.derived import given_of, with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import OverwriteOption
from fastst.errors import shown
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization.settings import OptimizationSettings


@with_options_of(OptimizationSettings, ObjectiveSettings)
def optimize(
    photo: Annotated[Path, typer.Argument(help="The content image.", show_default=False)],
    paintings: Annotated[
        list[str],
        typer.Argument(
            help="The style image; several are mixed, by weights if given as FILE:0.7.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write.")],
    size: Annotated[int, typer.Option(help="Long side of the result in pixels.")] = 512,
    style_size: Annotated[int, typer.Option(help="The painting's long side in pixels: stroke scale.")] = 400,
    *,
    given: dict[str, Any],
    region: Annotated[
        list[str] | None,
        typer.Option(
            help="MASK:STYLE_MASK, repeatable; MASK may be rest, STYLE_MASK may be all or left out."
        ),
    ] = None,
    save_every: Annotated[int, typer.Option(help="Write the picture so far every so many steps.")] = 0,
    loss_network_weights: Annotated[Path | None, typer.Option(help="VGG-16 as safetensors.")] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Repaint one photo by gradient descent on its pixels: slow, and the measure of the networks."""
    from fastst import optimize_file
    from fastst.cli.progress import optimization_progress

    search = given_of(OptimizationSettings, given)
    steps = search.get("steps", OptimizationSettings().steps)
    with optimization_progress(steps) as on_iteration:
        stopped = optimize_file(
            photo,
            [weighted(painting) for painting in paintings],
            output,
            size=size,
            style_size=style_size,
            save_every=save_every,
            overwrite=overwrite,
            regions=region or (),
            loss_network_weights=loss_network_weights,
            on_iteration=on_iteration,
            objective=given_of(ObjectiveSettings, given),
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
