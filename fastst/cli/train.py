"""``fastst train``: one painting becomes a style network."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.choices import complete_style, known_start
from fastst.cli.paintings import (
    TrainClusterOption,
    TrainWorkersOption,
    check_folder_options,
    placeholder,
    train_paintings,
)
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import OverwriteOption
from fastst.errors import UsageError, shown

_Path = Path | None
_Number = float | None
_Count = int | None
_Text = str | None


def train(
    painting: Annotated[
        _Path, typer.Argument(help="The style image, or a folder of some.", show_default=False)
    ] = None,
    output: Annotated[
        _Path, typer.Option("--output", "-o", help="The checkpoint to write; a folder for a folder.")
    ] = None,
    name: Annotated[
        _Text, typer.Option(help="Keep it under this name instead, for -s NAME; see `fastst styles`.")
    ] = None,
    config: Annotated[_Path, typer.Option(help="A recipe; options given beside it win.")] = None,
    data: Annotated[
        _Text, typer.Option(help="Folder of photos, Hugging Face data set, or synthetic [default].")
    ] = None,
    steps: Annotated[_Count, typer.Option(help="Stop after so many steps.")] = None,
    minutes: Annotated[_Number, typer.Option(help="Stop after so many minutes, if that comes first.")] = None,
    style_strength: Annotated[_Number, typer.Option(help="1 suits every painting; more is bolder.")] = None,
    edges: Annotated[
        _Number, typer.Option(help="How much of the photo's contours stays; the strength follows.")
    ] = None,
    content_weight: Annotated[_Number, typer.Option(help="How much of the photo stays.")] = None,
    variation_weight: Annotated[_Number, typer.Option(help="How smooth the picture is.")] = None,
    content_layer: Annotated[_Text, typer.Option(help="Such as relu3_3.")] = None,
    style_layers: Annotated[_Text, typer.Option(help="Such as relu1_2:1,relu3_3:0.5.")] = None,
    style_loss: Annotated[_Text, typer.Option(help="Such as moments, or gram:1+histogram:0.5.")] = None,
    style_mask: Annotated[
        _Path, typer.Option(help="White: the part of the painting that is the style.")
    ] = None,
    laplacian: Annotated[_Number, typer.Option(help="How much of the photo's fine structure stays.")] = None,
    size: Annotated[_Count, typer.Option(help="Side of the training crops in pixels.")] = None,
    style_size: Annotated[
        _Count, typer.Option(help="The painting's long side in pixels: stroke scale.")
    ] = None,
    batch: Annotated[_Count, typer.Option(help="Pictures a step and process.")] = None,
    accumulation: Annotated[_Count, typer.Option(help="Batches whose gradients make one step.")] = None,
    steady: Annotated[_Number, typer.Option(help="Calm flicker in video, by this weight; 1 is good.")] = None,
    learning_rate: Annotated[_Number, typer.Option(help="The schedule's peak.")] = None,
    architecture: Annotated[_Text, typer.Option(help="The network's architecture.")] = None,
    width: Annotated[_Count, typer.Option(help="The network's width.")] = None,
    init: Annotated[
        _Text,
        typer.Option(
            autocompletion=complete_style,
            callback=known_start,
            help="Start from this style's network, or from nothing: far slower [default: base].",
        ),
    ] = None,
    precision: Annotated[_Text, typer.Option(help="auto, fp32, bf16 or fp16.")] = None,
    seed: Annotated[_Count, typer.Option(help="Decides every random draw.")] = None,
    title: Annotated[_Text, typer.Option(help="The style's title.")] = None,
    painter: Annotated[_Text, typer.Option(help="Who painted it.")] = None,
    year: Annotated[_Text, typer.Option(help="When.")] = None,
    licence: Annotated[_Text, typer.Option(help="The checkpoint's licence.")] = None,
    save_every: Annotated[_Count, typer.Option(help="Save the state every so many steps.")] = None,
    preview_every: Annotated[_Count, typer.Option(help="Write a preview sheet every so many steps.")] = None,
    preview_photos: Annotated[_Path, typer.Option(help="Folder whose photos the preview shows.")] = None,
    loss_network_weights: Annotated[_Path, typer.Option(help="VGG-16 as safetensors.")] = None,
    tensorboard: Annotated[_Path, typer.Option(help="Folder for TensorBoard's log.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a stopped training, or one that has ended.")
    ] = False,
    overwrite: OverwriteOption = False,
    workers: TrainWorkersOption = None,
    cluster: TrainClusterOption = None,
) -> None:
    """Train a style on one painting, or on each of a folder. Ctrl-C saves; --resume continues exactly."""
    from fastst.cli.progress import training_progress
    from fastst.networks.own_styles import own_style_path
    from fastst.training.monitor import logged_to
    from fastst.training.settings import gather_settings
    from fastst.training.trainer import train_style

    if name is not None and output is not None:
        raise UsageError("--name keeps the style where `fastst styles` looks; give it or -o, not both")
    many = painting is not None and painting.is_dir()
    if many:
        check_folder_options(
            output,
            only_for_one={
                "--name": name,
                "--title": title,
                "--style-mask": style_mask,
                "--resume": resume,
                "--overwrite": overwrite,
                "--tensorboard": tensorboard,
            },
        )
    elif workers is not None or cluster is not None:
        raise UsageError("--workers and --cluster train several styles; give a folder of paintings")
    settings = gather_settings(
        config,
        given={
            "painting": painting,
            "output": placeholder(output) if many else output if name is None else own_style_path(name),
            "data": data,
            "steps": steps,
            "minutes": minutes,
            "size": size,
            "style_size": style_size,
            "style_mask": style_mask,
            "batch": batch,
            "accumulation": accumulation,
            "edges": edges,
            "steady": steady,
            "learning_rate": learning_rate,
            "architecture": architecture,
            "init": init,
            "precision": precision,
            "seed": seed,
            "title": title,
            "painter": painter,
            "year": year,
            "licence": licence,
            "save_every": save_every,
            "preview_every": preview_every,
            "preview_photos": preview_photos,
            "loss_network_weights": loss_network_weights,
        },
        options={"width": width},
        objective={
            "style_strength": style_strength,
            "content_weight": content_weight,
            "variation_weight": variation_weight,
            "content_layer": content_layer,
            "style_layers": style_layers,
            "style_loss": style_loss,
            "laplacian_weight": laplacian,
        },
    )
    if painting is not None and output is not None and many:
        train_paintings(settings, painting, output, workers=workers, cluster=cluster)
        return
    with training_progress() as show, logged_to(tensorboard, show) as on_step:
        result = train_style(settings, resume=resume, overwrite=overwrite, on_step=on_step)
    if not result.is_main_process:
        return
    if result.skipped:
        say_aside(f"{len(result.skipped)} photos were skipped:")
    for photo, reason in result.skipped.items():
        say_aside(reason if str(photo) in reason else f"{photo}: {reason}")
    use = "" if name is None else f"; use it as -s {name}"
    say(
        f"{shown(result.checkpoint)}: {result.metadata.steps} steps in {result.seconds / 60:.1f} minutes{use}"
    )
