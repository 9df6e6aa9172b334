"""``fastst stylize``: repaint photos with a trained style."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.choices import known
from fastst.cli.speech import say, say_aside
from fastst.errors import FaststError, shown

StyleOption = Annotated[
    str | None,
    typer.Option(
        "--style",
        "-s",
        callback=known,
        help="An installed style, a checkpoint file, or a mix: starry-night:0.6+the-scream:0.4.",
    ),
]
RegionOption = Annotated[
    list[str] | None,
    typer.Option(help="MASK:STYLE, repeatable, instead of --style; MASK may be rest: what is left."),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Which strokes go where; 0 is the style's own.")]
MemoryOption = Annotated[
    str | None,
    typer.Option(help="Memory to keep to, such as 2G; larger pictures go in tiles. Half by default."),
]
FeatherOption = Annotated[
    float | None, typer.Option(help="Width in pixels of the soft edges between regions.")
]


class Metadata(StrEnum):
    """What of a photo's or a film's metadata goes along."""

    USUAL = "usual"
    ALL = "all"


MetadataOption = Annotated[
    Metadata, typer.Option(help="usual: date, camera, author, rights; all: the place too.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what is there already under the output's name.")
]


def stylize(
    photos: Annotated[list[Path], typer.Argument(help="Photos, and folders of them.", show_default=False)],
    output: Annotated[str, typer.Option("--output", "-o", help="A picture file, or a folder for several.")],
    style: StyleOption = None,
    region: RegionOption = None,
    feather: FeatherOption = None,
    size: Annotated[int | None, typer.Option(help="Long side of the result in pixels.")] = None,
    strength: Annotated[float, typer.Option(help="From 0, the photo, to 1, the stylised picture.")] = 1.0,
    keep_colors: Annotated[bool, typer.Option("--keep-colors", help="Keep the photo's colours.")] = False,
    stroke_size: Annotated[
        float, typer.Option(help="Brush strokes this many times larger than the style's own, 1 to 16.")
    ] = 1.0,
    seed: SeedOption = 0,
    memory: MemoryOption = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, mps; the fastest by default.")] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="torch starts at once; auto is the fastest here, for many pictures; or torch-bf16, "
            "torch-compile, onnx, openvino, openvino-bf16."
        ),
    ] = "torch",
    keep_metadata: MetadataOption = Metadata.USUAL,
    overwrite: OverwriteOption = False,
) -> None:
    """Repaint photos in one forward pass each."""
    from fastst import load_either
    from fastst.cli.output import picture_progress
    from fastst.stylize.batch import stylize_files
    from fastst.stylize.options import PaintingOptions

    options = PaintingOptions(size=size, strength=strength, keep_colors=keep_colors, stroke_size=stroke_size)

    def report(source: Path, result: Path | FaststError) -> None:
        if isinstance(result, FaststError):
            say_aside(f"error: {result}")
        else:
            say(f"{shown(source)} -> {shown(result)}")

    stylizer = load_either(
        style,
        regions=region or (),
        feather=feather,
        device=device,
        engine=engine,
        memory=memory,
        seed=seed,
    )
    with picture_progress() as show:
        failures = stylize_files(
            stylizer,
            photos,
            output,
            options=options,
            overwrite=overwrite,
            all_metadata=keep_metadata is Metadata.ALL,
            on_result=report,
            on_progress=show,
        )
    if failures:
        raise typer.Exit(1)
