"""``fastst optimize``: the slow reference method."""

from pathlib import Path
from typing import Annotated

import typer


def optimize(
    photo: Annotated[Path, typer.Argument(help="The content image.", show_default=False)],
    painting: Annotated[Path, typer.Argument(help="The style image.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write.")],
    size: Annotated[int, typer.Option(help="Long side of the result in pixels.")] = 512,
    style_size: Annotated[int, typer.Option(help="The painting's long side in pixels: stroke scale.")] = 320,
    steps: Annotated[int, typer.Option(help="Iterations.")] = 300,
    method: Annotated[str, typer.Option(help="lbfgs or adam.")] = "lbfgs",
    start: Annotated[str, typer.Option(help="photo, noise or style.")] = "photo",
    style_strength: Annotated[float, typer.Option(help="1 suits every painting; more is bolder.")] = 1.0,
    content_weight: Annotated[float, typer.Option(help="How much of the photo stays.")] = 1.0,
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
) -> None:
    """Repaint one photo by gradient descent on its pixels: slow, and the measure of the networks."""
    from fastst import optimize_file
    from fastst.cli.output import optimization_progress

    with optimization_progress(steps) as on_iteration:
        optimize_file(
            photo,
            painting,
            output,
            size=size,
            style_size=style_size,
            steps=steps,
            method=method,
            start=start,
            seed=seed,
            save_every=save_every,
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
            },
        )
    typer.echo(str(output))
