"""``fastst styles``: what is installed."""

import json
import sys
from typing import Annotated

import typer


def list_styles(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a style, as a list.")] = False,
) -> None:
    """List the installed styles."""
    from rich.console import Console
    from rich.table import Table

    from fastst.networks.styles import installed_styles, style_paths

    paths, styles = style_paths(), installed_styles()
    if as_json:
        told = {"title", "painter", "year", "licence", "architecture", "options", "steps"}
        rows = [
            {"name": name, **metadata.model_dump(include=told), "bytes": paths[name].stat().st_size}
            for name, metadata in styles.items()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("name", "title", "painter", "year", "network", "size", box=None)
    for name, metadata in styles.items():
        size = f"{paths[name].stat().st_size / 1000:.0f} kB"
        table.add_row(name, metadata.title, metadata.painter, metadata.year, metadata.architecture, size)
    # Into a pipe or a file every row stays one line.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
