"""``fastst video``: stylize a video."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.derived import given_of, with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import (
    ENGINE_NAMES,
    FeatherOption,
    Metadata,
    MetadataOption,
    OverwriteOption,
    RegionOption,
    StyleOption,
)
from fastst.cli.workers import SharedFilesClusterOption, VideoWorkersOption, stylize_video_in_parts
from fastst.errors import UsageError, shown
from fastst.settings import validated
from fastst.stylize.options import VideoLoadOptions
from fastst.video.settings import VideoSettings


@with_options_of(VideoSettings, VideoLoadOptions, more=ENGINE_NAMES)
def video(
    source: Annotated[
        str, typer.Argument(help="A video, GIF, folder of pictures or frames/%04d.png.", show_default=False)
    ],
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="A video, .gif, folder or frames/%04d.png (beside the video: video.starry-night.mp4).",
            show_default=False,
        ),
    ] = None,
    style: StyleOption = None,
    region: RegionOption = None,
    feather: FeatherOption = None,
    *,
    given: dict[str, Any],
    keep_metadata: MetadataOption = Metadata.USUAL,
    overwrite: OverwriteOption = False,
    workers: VideoWorkersOption = None,
    cluster: SharedFilesClusterOption = None,
) -> None:
    """Stylize a video; sound, subtitles and frame times stay as they are. Ctrl-C keeps the video so far."""
    from fastst import stylize_video
    from fastst.cli.progress import video_progress
    from fastst.networks.styles import DEFAULT_STYLE, style_label

    if style is None and not region:
        style = DEFAULT_STYLE
    if output is None:
        output = _beside(source, style_label(style) if style else "regions")
    load_options = validated(VideoLoadOptions, given_of(VideoLoadOptions, given), origin="video")
    loading: dict[str, Any] = {
        "regions": region or (),
        "feather": feather,
        **load_options.model_dump(exclude={"for_video"}),
    }
    settings = given_of(VideoSettings, given) | {"all_metadata": keep_metadata is Metadata.ALL}
    with video_progress() as on_progress:
        if workers is not None or cluster is not None:
            result = stylize_video_in_parts(
                style,
                source,
                output,
                workers=workers,
                cluster=cluster,
                loading=loading,
                overwrite=overwrite,
                on_progress=on_progress,
                **settings,
            )
        else:
            result = stylize_video(
                style, source, output, overwrite=overwrite, on_progress=on_progress, **loading, **settings
            )
    for note in result.notes:
        say_aside(f"note: {note}")
    rate = result.frames / result.seconds if result.seconds else 0.0
    say(f"{shown(source)} -> {shown(result.output)} ({result.frames} frames, {rate:.1f} a second)")
    if result.stopped:
        say_aside("stopped: the video so far is kept")
        raise typer.Exit(130)


def _beside(source: str, style: str) -> str:
    from fastst.stylize.outputs import copy_beside

    if not Path(source).is_file():
        raise UsageError(
            f"{source}: is not a video file, so its copy has no place beside it; name one with -o"
        )
    return os.fspath(copy_beside(source, style))
