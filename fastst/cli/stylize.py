"""``fastst stylize``: stylize photos with a trained style."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_engine, complete_style, known
from fastst.cli.derived import given_of, with_options_of
from fastst.cli.speech import say_aside
from fastst.cli.workers import ClusterOption, WorkersOption, stylize_folder
from fastst.errors import FaststError
from fastst.settings import validated
from fastst.stylize.options import LoadOptions, StylizeOptions

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
RegionOption = Annotated[
    list[str] | None,
    typer.Option(help="MASK:STYLE, repeatable, instead of --style; MASK may be rest: what is left."),
]
ENGINE_NAMES = {"engine": {"autocompletion": complete_engine}}
FeatherOption = Annotated[
    float | None, typer.Option(help="Width in pixels of the soft edges between regions.")
]


class Metadata(StrEnum):
    """What of a photo's or a video's metadata goes along."""

    USUAL = "usual"
    ALL = "all"


MetadataOption = Annotated[
    Metadata, typer.Option(help="usual: date, camera, author, rights; all: the place too.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace what is there already under the output's name.")
]


@with_options_of(StylizeOptions, LoadOptions, more=ENGINE_NAMES)
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
    *,
    given: dict[str, Any],
    keep_metadata: MetadataOption = Metadata.USUAL,
    overwrite: OverwriteOption = False,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
) -> None:
    """Stylize photos in one forward pass each."""
    import fastst
    from fastst.cli.progress import picture_progress
    from fastst.cli.streams import standard_streams
    from fastst.files import refuse_replacing
    from fastst.networks.styles import DEFAULT_STYLE, style_label
    from fastst.stylize.batch import stylize_files
    from fastst.stylize.kept import graph_file, keep, load_kept
    from fastst.stylize.outputs import plan_outputs

    options = StylizeOptions(**given_of(StylizeOptions, given))
    load_options = validated(LoadOptions, given_of(LoadOptions, given), origin="stylize")
    styles: list[str | None] = [*dict.fromkeys(style)] if style else [None if region else DEFAULT_STYLE]
    # What differs from these asks for torch.
    is_plain = load_options == LoadOptions() and not region and feather is None
    loading: dict[str, Any] = {"regions": region or (), "feather": feather, **load_options.model_dump()}
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
