"""``fastst export``: a style as an ONNX file, for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption
from fastst.errors import shown


def export(
    style: Annotated[
        str,
        typer.Argument(
            callback=known,
            autocompletion=complete_style,
            help="An installed style, or a checkpoint.",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write, ending in .onnx.")],
    uint8: Annotated[
        bool, typer.Option("--uint8", help="Bytes in and out, (N, H, W, 3), instead of floats (N, 3, H, W).")
    ] = False,
    half: Annotated[bool, typer.Option("--half", help="Half precision inside, for GPUs.")] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a style as ONNX for any size and batch, after comparing it with torch."""
    from fastst import export as export_style

    off = export_style(style, output, uint8=uint8, half=half, overwrite=overwrite)
    say(
        f"{shown(output)}: {output.stat().st_size / 1000:.0f} kB, {off:.4f} grey levels from torch on average"
    )
