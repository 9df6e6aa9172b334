"""``fastst styles``: what is installed, and the user's own."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption
from fastst.errors import UsageError, shown

if TYPE_CHECKING:
    from fastst.networks.header import Metadata

_JSON_HELP = "One JSON object a style, as a list."
_PHOTO, _SECONDS = "512x384", 2.0
_SPEED_HELP = f"Show also how long a photo of {_PHOTO} takes here, measured in some seconds."


def list_styles(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help=_JSON_HELP)] = False,
    speed: Annotated[bool, typer.Option("--speed", help=_SPEED_HELP)] = False,
) -> None:
    """List the installed styles; add or remove your own."""
    if context.invoked_subcommand:
        if as_json or speed:
            raise UsageError("--json and --speed are for the list of styles; leave them out")
        return
    from fastst.networks.styles import installed_styles

    styles = installed_styles()
    speeds = _milliseconds(styles) if speed else {}
    say(_as_json(styles, speeds) if as_json else _as_table(styles, speeds))


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


def _milliseconds(styles: Mapping[str, "Metadata"]) -> dict[str, float]:
    """Return the time that each style's network takes for a photo here; one run serves all of a shape."""
    from fastst import bench

    by_network: dict[str, float] = {}
    times = {}
    for name, metadata in styles.items():
        network = f"{metadata.architecture} {metadata.options}"
        if network not in by_network:
            found = bench(name, sizes=[_PHOTO], seconds=_SECONDS, engines=["torch"])
            by_network[network] = found["results"][0]["ms"]
        times[name] = by_network[network]
    return times


def _as_json(styles: Mapping[str, "Metadata"], speeds: Mapping[str, float]) -> str:
    from fastst.networks.styles import shipped_paths, style_paths

    paths, shipped = style_paths(), shipped_paths()
    told = {"title", "painter", "year", "license", "architecture", "options", "steps"}
    rows = [
        {
            "name": name,
            **metadata.model_dump(include=told),
            "bytes": paths[name].stat().st_size,
            "own": name not in shipped,
            **({"milliseconds": round(speeds[name], 1)} if speeds else {}),
        }
        for name, metadata in styles.items()
    ]
    return json.dumps(rows, indent=2)


def _as_table(styles: Mapping[str, "Metadata"], speeds: Mapping[str, float]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from fastst.files import styles_folder
    from fastst.networks.styles import shipped_paths, style_paths

    paths, shipped = style_paths(), shipped_paths()
    columns = ("name", "title", "painter", "year", "network", "size")
    table = Table(*columns, *([f"{_PHOTO} here"] if speeds else []), box=None)
    for name, metadata in styles.items():
        size = f"{paths[name].stat().st_size / 1000:.0f} kB"
        texts = (name, metadata.title, metadata.painter, metadata.year, metadata.architecture)
        here = [f"{speeds[name]:.0f} ms"] if speeds else []
        table.add_row(*(Text(text or "") for text in texts), size, *here)
    # Into a pipe or a file every row stays one line.
    console = Console(width=None if sys.stdout.isatty() else 200)
    with console.capture() as capture:
        console.print(table)
    own = len([name for name in styles if name not in shipped])
    where = f"{own or 'no'} own style{'' if own == 1 else 's'} in {shown(styles_folder())}"
    return f"{capture.get().rstrip()}\n\n{where}; `fastst train` and `fastst styles add` put them there"
