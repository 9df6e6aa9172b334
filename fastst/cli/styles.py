"""``fastst styles``: what is installed, and the user's own."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption
from fastst.errors import UsageError, shown

_JSON_HELP = "One JSON object a style, as a list."


def list_styles(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
) -> None:
    """List the installed styles; add or remove your own."""
    if context.invoked_subcommand:
        if as_json:
            raise UsageError("--json is for the list of styles; leave it out")
        return
    say(_as_json() if as_json else _as_table())


def add(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint's file.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="What to call it; by default as the file.")] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Keep a checkpoint by name, to be used as -s NAME."""
    from fastst.networks.own_styles import add_style

    kept = add_style(checkpoint, name=name, overwrite=overwrite)
    say(f"{shown(kept)}: use it as -s {shown(kept)}")


def remove(
    name: Annotated[str, typer.Argument(help="An own style.", show_default=False)],
) -> None:
    """Delete an own style."""
    from fastst.networks.own_styles import remove_style

    remove_style(name)
    say(f"{shown(name)}: removed")


def _as_json() -> str:
    from fastst.networks.styles import installed_styles, shipped_paths, style_paths

    paths, shipped = style_paths(), shipped_paths()
    told = {"title", "painter", "year", "licence", "architecture", "options", "steps"}
    rows = [
        {
            "name": name,
            **metadata.model_dump(include=told),
            "bytes": paths[name].stat().st_size,
            "own": name not in shipped,
        }
        for name, metadata in installed_styles().items()
    ]
    return json.dumps(rows, indent=2)


def _as_table() -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from fastst.files import styles_folder
    from fastst.networks.styles import installed_styles, shipped_paths, style_paths

    paths, styles, shipped = style_paths(), installed_styles(), shipped_paths()
    table = Table("name", "title", "painter", "year", "network", "size", box=None)
    for name, metadata in styles.items():
        size = f"{paths[name].stat().st_size / 1000:.0f} kB"
        texts = (name, metadata.title, metadata.painter, metadata.year, metadata.architecture)
        table.add_row(*(Text(text or "") for text in texts), size)
    # Into a pipe or a file every row stays one line.
    console = Console(width=None if sys.stdout.isatty() else 200)
    with console.capture() as capture:
        console.print(table)
    own = len([name for name in styles if name not in shipped])
    where = f"{own or 'no'} own style{'' if own == 1 else 's'} in {shown(styles_folder())}"
    return f"{capture.get().rstrip()}\n\n{where}; `fastst train` and `fastst styles add` put them there"
