"""``fastst train`` for a folder of paintings: what goes for it alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastst.cli.speech import say, say_aside
from fastst.errors import UsageError, shown

if TYPE_CHECKING:
    from fastst.training.settings import TrainingSettings

TrainWorkersOption = Annotated[
    int | None,
    typer.Option(help="Train so many styles of a folder at a time, in a process each.", show_default=False),
]


def check_folder_options(output: Path | None, *, only_for_one: Mapping[str, Any]) -> None:
    """Refuse what makes no sense for a folder of paintings.

    Raises:
        UsageError: naming the option.
    """
    for option, value in only_for_one.items():
        if value:
            raise UsageError(f"{option} is for one painting; leave it out for a folder, which just goes on")
    if output is None or output.suffix == ".safetensors":
        raise UsageError("a folder of paintings needs a folder for the styles, such as -o styles/")


def placeholder(output: Path | None) -> Path | None:
    """Return a name in the folder by which the settings of all trainings can be checked."""
    return None if output is None else output / "style.safetensors"


def train_paintings(
    settings: "TrainingSettings", folder: Path, styles: Path, *, workers: int | None, cluster: str | None
) -> None:
    """Train a style on each painting of a folder; arguments as in ``train_folder`` and ``open_pool``.

    Raises:
        UsageError: as these.
        FaststError: likewise.
    """
    from fastst.cluster.paintings import REPORT, Style, report_table, train_folder
    from fastst.cluster.pools import open_pool

    def tell(style: Style) -> None:
        if style.error is None:
            say(f"{shown(style.painting)} -> {shown(style.name)} (rank {style.measures['rank']:.2f})")
        else:
            say_aside(f"error: {style.error}")

    with open_pool(workers=workers, cluster=cluster, device=None) as pool:
        trained = train_folder(pool, settings, folder, styles, on_style=tell)
    say(f"\n{report_table(trained)}\n\nin {shown(styles / REPORT)} with all figures")
    if any(style.error for style in trained):
        raise typer.Exit(1)
