"""``fastst optimize``: the slow reference method."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import OverwriteOption
from fastst.errors import shown


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
    steps: Annotated[int, typer.Option(help="Iterations.")] = 100,
    method: Annotated[str, typer.Option(help="adam or lbfgs.")] = "adam",
    start: Annotated[str, typer.Option(help="photo, noise or style.")] = "photo",
    style_strength: Annotated[float, typer.Option(help="1 is bold; less keeps more of the photo.")] = 1.0,
    content_weight: Annotated[
        float | None, typer.Option(help="How much of the photo stays [default: 0.2].")
    ] = None,
    recolor: Annotated[
        bool | None,
        typer.Option(
            "--recolor/--no-recolor",
            help="Move the photo to the painting's colours first [default: recolor].",
        ),
    ] = None,
    variation_weight: Annotated[float | None, typer.Option(help="How smooth the picture is.")] = None,
    content_layer: Annotated[str | None, typer.Option(help="Such as relu3_3.")] = None,
    style_layers: Annotated[str | None, typer.Option(help="Such as relu1_2:1,relu3_3:0.5.")] = None,
    style_loss: Annotated[
        str | None, typer.Option(help="Such as wasserstein, or gram:1+histogram:0.5.")
    ] = None,
    laplacian: Annotated[
        float | None, typer.Option(help="How much of the photo's fine structure stays.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            help="MASK:STYLE_MASK, repeatable; MASK may be rest, STYLE_MASK may be all or left out."
        ),
    ] = None,
    form: Annotated[str, typer.Option(help="relative, or sums as in the papers.")] = "relative",
    save_every: Annotated[int, typer.Option(help="Write the picture so far every so many steps.")] = 0,
    seed: Annotated[int, typer.Option(help="Decides the noise.")] = 0,
    loss_network_weights: Annotated[Path | None, typer.Option(help="VGG-16 as safetensors.")] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Repaint one photo by gradient descent on its pixels: slow, and the measure of the networks."""
    from fastst import optimize_file
    from fastst.cli.progress import optimization_progress

    with optimization_progress(steps) as on_iteration:
        stopped = optimize_file(
            photo,
            [weighted(painting) for painting in paintings],
            output,
            size=size,
            style_size=style_size,
            steps=steps,
            method=method,
            start=start,
            seed=seed,
            save_every=save_every,
            overwrite=overwrite,
            regions=region or (),
            loss_network_weights=loss_network_weights,
            on_iteration=on_iteration,
            objective={
                "style_strength": style_strength,
                "content_weight": content_weight,
                "variation_weight": variation_weight,
                "content_layer": content_layer,
                "style_layers": style_layers,
                "style_loss": style_loss,
                "laplacian_weight": laplacian,
                "form": form,
                "recolor": recolor,
            },
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
