"""``fastst stylize``: repaint photos with a trained style."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_engine, complete_style, known
from fastst.cli.speech import say_aside
from fastst.cli.workers import ClusterOption, WorkersOption, stylize_folder
from fastst.errors import FaststError

StyleArgument = Annotated[
    str,
    typer.Argument(
        callback=known,
        autocompletion=complete_style,
        help="An installed style, or a checkpoint.",
        show_default=False,
    ),
]
StyleOption = Annotated[
    str | None,
    typer.Option(
        "--style",
        "-s",
        callback=known,
        autocompletion=complete_style,
        help="An installed style (starry-night), a checkpoint, or a mix: starry-night:0.6+the-scream:0.4.",
        show_default=False,
    ),
]
EngineOption = Annotated[
    str, typer.Option(autocompletion=complete_engine, help="auto is the fastest here; see fastst bench.")
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
    photos: Annotated[
        list[str],
        typer.Argument(
            help="Photos, folders of them, or - for standard input; one folder or address, such as "
            "s3://bucket/photos, for --workers and --cluster.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="A picture file, a folder for several, or - (beside the photo: photo.starry-night.jpg).",
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(
            "--style",
            "-s",
            callback=known,
            autocompletion=complete_style,
            help="An installed style (starry-night), a checkpoint, or a mix such as "
            "starry-night:0.6+the-scream:0.4; repeatable.",
            show_default=False,
        ),
    ] = None,
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
            autocompletion=complete_engine,
            help="torch starts at once; auto is the fastest here, for many pictures; or torch-bf16, "
            "torch-compile, onnx, onnx-int8, openvino, openvino-bf16, openvino-int8.",
        ),
    ] = "torch",
    keep_metadata: MetadataOption = Metadata.USUAL,
    overwrite: OverwriteOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Repaint photos in one forward pass each."""
    import fastst
    from fastst.cli.progress import picture_progress
    from fastst.cli.streams import standard_streams
    from fastst.files import refuse_replacing
    from fastst.networks.styles import DEFAULT_STYLE, style_label
    from fastst.stylize.batch import stylize_files
    from fastst.stylize.kept import graph_file, keep, load_kept
    from fastst.stylize.options import PaintingOptions
    from fastst.stylize.outputs import plan_outputs

    options = PaintingOptions(size=size, strength=strength, keep_colors=keep_colors, stroke_size=stroke_size)
    styles: list[str | None] = [*dict.fromkeys(style)] if style else [None if region else DEFAULT_STYLE]
    # What differs from these asks for torch.
    is_plain = engine == "torch" and not region and feather is device is memory is None and seed == 0
    loading: dict[str, Any] = {
        "regions": region or (),
        "feather": feather,
        "device": device,
        "engine": engine,
        "memory": memory,
        "seed": seed,
    }
    if workers is not None or cluster is not None:
        stylize_folder(
            photos,
            output,
            styles=styles,
            workers=workers,
            cluster=cluster,
            options=options,
            overwrite=overwrite,
            all_metadata=keep_metadata is Metadata.ALL,
            **loading,
        )
        return
    failures = 0
    with standard_streams(photos, output, styles=len(styles)) as streams, picture_progress() as show:

        def report(source: Path, result: Path | FaststError) -> None:
            if isinstance(result, FaststError):
                say_aside(f"error: {streams.named(result)}")
            else:
                streams.tell(source, result)

        labels = [style_label(each) if each else "regions" for each in styles]
        in_names = [label if len(styles) > 1 or streams.output is None else None for label in labels]
        for label in in_names:  # before any is painted
            plan = plan_outputs(streams.photos, streams.output, style=label, on_unlisted=lambda *_: None)
            refuse_replacing([target for _, target in plan], overwrite=overwrite)
        for each, label in zip(styles, in_names, strict=True):
            graph = graph_file(each, streams.photos, options=options) if each and is_plain else None
            kept = load_kept(graph) if graph else None
            stylizer = kept or fastst.load_either(each, **loading)
            failures += stylize_files(
                stylizer,
                streams.photos,
                streams.output,
                style=label,
                options=options,
                overwrite=overwrite,
                all_metadata=keep_metadata is Metadata.ALL,
                on_result=report,
                on_progress=show,
            )
            if graph and not kept and not failures:
                keep(graph, stylizer)
    if failures:
        raise typer.Exit(1)
