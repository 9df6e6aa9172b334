"""``fastst export``: a style as an ONNX file for other programs, or styles as a page for the browser."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption
from fastst.errors import UsageError, shown

_WEB_HELP = "A folder to write a page into that stylizes in the browser; any static host serves it."
_INT8_HELP = "Whole numbers of 8 bits inside, for CPUs: twice as fast, a little off."
_PHOTOS_HELP = "A folder of photos to bring it to int8 by; synthetic images by default."
_RUNTIME_HELP = "The archive of onnxruntime-web from npm, for --web; fetched once by default."


def export(
    styles: Annotated[
        list[str],
        typer.Argument(
            metavar="STYLE...",
            callback=known,
            autocompletion=complete_style,
            help="An installed style, a checkpoint or a mix; for --web, several.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write, ending in .onnx.", show_default=False),
    ] = None,
    web: Annotated[Path | None, typer.Option(help=_WEB_HELP, show_default=False)] = None,
    uint8: Annotated[
        bool, typer.Option("--uint8", help="Bytes in and out, (N, H, W, 3), instead of floats (N, 3, H, W).")
    ] = False,
    half: Annotated[bool, typer.Option("--half", help="Half precision inside, for GPUs.")] = False,
    int8: Annotated[bool, typer.Option("--int8", help=_INT8_HELP)] = False,
    photos: Annotated[Path | None, typer.Option(help=_PHOTOS_HELP, show_default=False)] = None,
    runtime: Annotated[Path | None, typer.Option(help=_RUNTIME_HELP, show_default=False)] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a style as ONNX for any size and batch, or styles as a page, after comparing with torch."""
    if (output is None) == (web is None):
        raise UsageError("give either --output, a file for one style, or --web, a folder for a page")
    if web is not None:
        if uint8 or half or int8 or photos:
            raise UsageError("--uint8, --half and --int8 are for an ONNX file; leave them out with --web")
        _export_page(styles, web, runtime=runtime, overwrite=overwrite)
    elif output is not None:
        if runtime is not None:
            raise UsageError("--runtime is for a page; leave it out, or give --web")
        if len(styles) > 1:
            raise UsageError(f"{output}: an ONNX file holds one style; name one, or give --web for a page")
        if half and int8:
            raise UsageError("--half is for GPUs and --int8 for CPUs; give one of the two")
        if photos is not None and not int8:
            raise UsageError("--photos is what int8 is made by; give --int8, or leave it out")
        _export_file(styles[0], output, uint8=uint8, half=half, int8=int8, photos=photos, overwrite=overwrite)


def _export_file(
    style: str, output: Path, *, uint8: bool, half: bool, int8: bool, photos: Path | None, overwrite: bool
) -> None:
    from fastst import export as export_style

    off = export_style(style, output, uint8=uint8, half=half, int8=int8, photos=photos, overwrite=overwrite)
    say(
        f"{shown(output)}: {output.stat().st_size / 1000:.0f} kB, {off:.4f} gray levels from torch on average"
    )


def _export_page(styles: list[str], folder: Path, *, runtime: Path | None, overwrite: bool) -> None:
    from fastst import export_web
    from fastst.cli.progress import counted_progress

    with counted_progress("styles") as on_style:
        size = export_web(styles, folder, runtime=runtime, overwrite=overwrite, on_style=on_style)
    say(
        f"{shown(folder)}: {size / 1e6:.1f} MB; try it with `python -m http.server -d {shown(folder)}` "
        "at http://localhost:8000"
    )
