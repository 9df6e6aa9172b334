"""``fastst train``: one painting becomes a style network."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_style, known_start
from fastst.cli.derived import given_of, with_options_of
from fastst.cli.paintings import (
    TrainWorkersOption,
    check_folder_options,
    placeholder,
    train_paintings,
)
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import OverwriteOption
from fastst.cli.workers import SharedFilesClusterOption
from fastst.errors import UsageError, shown
from fastst.losses.settings import ObjectiveSettings
from fastst.training.settings import TrainingSettings

_Path = Path | None


@with_options_of(
    TrainingSettings,
    ObjectiveSettings,
    more={"init": {"autocompletion": complete_style, "callback": known_start}},
)
def train(
    painting: Annotated[
        _Path, typer.Argument(help="The style image, or a folder of some.", show_default=False)
    ] = None,
    output: Annotated[
        _Path, typer.Option("--output", "-o", help="The checkpoint to write; a folder for a folder.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Keep it under this name instead, for -s NAME; see `fastst styles`.")
    ] = None,
    config: Annotated[_Path, typer.Option(help="A recipe; options given beside it win.")] = None,
    *,
    given: dict[str, Any],
    width: Annotated[int | None, typer.Option(help="The network's width.", show_default=False)] = None,
    tensorboard: Annotated[_Path, typer.Option(help="Folder for TensorBoard's log.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue a stopped training, or one that has ended.")
    ] = False,
    overwrite: OverwriteOption = False,
    workers: TrainWorkersOption = None,
    cluster: SharedFilesClusterOption = None,
) -> None:
    """Train a style on one painting, or on each of a folder. Ctrl-C saves; --resume continues exactly."""
    from fastst.cli.progress import training_progress
    from fastst.networks.own_styles import own_style_path
    from fastst.training.monitor import logged_to
    from fastst.training.recipe import gather_settings
    from fastst.training.trainer import train_style

    if name is not None and output is not None:
        raise UsageError("--name keeps the style where `fastst styles` looks; give it or -o, not both")
    many = painting is not None and painting.is_dir()
    if many:
        check_folder_options(
            output,
            only_for_one={
                "--name": name,
                "--title": given.get("title"),
                "--style-mask": given.get("style_mask"),
                "--resume": resume,
                "--overwrite": overwrite,
                "--tensorboard": tensorboard,
            },
        )
    elif workers is not None or cluster is not None:
        raise UsageError("--workers and --cluster train several styles; give a folder of paintings")
    destination = placeholder(output) if many else output if name is None else own_style_path(name)
    settings = gather_settings(
        config,
        given={"painting": painting, "output": destination, **given_of(TrainingSettings, given)},
        options={"width": width},
        objective=given_of(ObjectiveSettings, given),
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
