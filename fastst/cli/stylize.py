"""``fastst stylize``: repaint photos with a trained style."""

from pathlib import Path
from typing import Annotated

import typer

from fastst.errors import FaststError


def stylize(
    photos: Annotated[list[Path], typer.Argument(help="Photos, and folders of them.", show_default=False)],
    style: Annotated[str, typer.Option("--style", "-s", help="An installed style, or a checkpoint file.")],
    output: Annotated[str, typer.Option("--output", "-o", help="A picture file, or a folder for several.")],
    size: Annotated[int | None, typer.Option(help="Long side of the result in pixels.")] = None,
    strength: Annotated[float, typer.Option(help="From 0, the photo, to 1, the stylised picture.")] = 1.0,
    keep_colors: Annotated[bool, typer.Option("--keep-colors", help="Keep the photo's colours.")] = False,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, mps; the fastest by default.")] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="torch starts at once; auto is the fastest here, for many pictures; or torch-bf16, "
            "torch-compile, onnx, openvino, openvino-bf16."
        ),
    ] = "torch",
) -> None:
    """Repaint photos in one forward pass each."""
    from fastst.api import load
    from fastst.batch import stylize_files
    from fastst.stylizer import check_options

    check_options(size=size, strength=strength)

    def report(source: Path, result: Path | FaststError) -> None:
        if isinstance(result, FaststError):
            typer.echo(f"error: {result}", err=True)
        else:
            typer.echo(f"{source} -> {result}")

    failures = stylize_files(
        load(style, device=device, engine=engine),
        photos,
        output,
        size=size,
        strength=strength,
        keep_colors=keep_colors,
        on_result=report,
    )
    if failures:
        raise typer.Exit(1)
