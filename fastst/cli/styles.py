"""``fastst styles``: what is installed."""

import json
import sys
from typing import Annotated

import typer

from fastst.cli.speech import say


def list_styles(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a style, as a list.")] = False,
) -> None:
    """List the installed styles."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from fastst.networks.styles import installed_styles, style_paths

    paths, styles = style_paths(), installed_styles()
    if as_json:
        told = {"title", "painter", "year", "licence", "architecture", "options", "steps"}
        rows = [
            {"name": name, **metadata.model_dump(include=told), "bytes": paths[name].stat().st_size}
            for name, metadata in styles.items()
        ]
        say(json.dumps(rows, indent=2))
        return
    table = Table("name", "title", "painter", "year", "network", "size", box=None)
    for name, metadata in styles.items():
        size = f"{paths[name].stat().st_size / 1000:.0f} kB"
        texts = (metadata.title, metadata.painter, metadata.year, metadata.architecture)
        table.add_row(name, *(Text(text or "") for text in texts), size)
    # Into a pipe or a file every row stays one line.
    console = Console(width=None if sys.stdout.isatty() else 200)
    with console.capture() as capture:
        console.print(table)
    say(capture.get().rstrip())
