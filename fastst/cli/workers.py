"""The options of work that is spread over processes and machines, and how photos are spread."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fastst.cli.speech import say, say_aside
from fastst.errors import UsageError, shown

if TYPE_CHECKING:
    from fastst.video.conversion import VideoProgress, VideoResult

WorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Spread the work over so many processes; what is there already is skipped.", show_default=False
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        help="Spread the work over a Ray cluster: its address, or auto; as --workers, on many machines.",
        show_default=False,
    ),
]
VideoWorkersOption = Annotated[
    int | None,
    typer.Option(
        help="Cut the video into parts, painted by so many processes and joined again.", show_default=False
    ),
]
SharedFilesClusterOption = Annotated[
    str | None,
    typer.Option(
        help="As --workers, on a Ray cluster: its address, or auto; all machines must see the files.",
        show_default=False,
    ),
]


def stylize_video_in_parts(
    style: str | None,
    source: str,
    output: str,
    *,
    workers: int | None,
    cluster: str | None,
    loading: dict[str, Any],
    overwrite: bool,
    on_progress: Callable[["VideoProgress"], None],
    **settings: Any,
) -> "VideoResult":
    """Do what `fastst video` does, with a pool; arguments as in ``stylize_video`` and ``open_pool``.

    Raises:
        UsageError: as these, and if source and output are no video files.
    """
    from fastst.cluster.films import paint_film
    from fastst.cluster.pools import open_pool
    from fastst.cluster.portable import load_portable, same_engine
    from fastst.settings import validated
    from fastst.video.settings import VideoSettings

    choices = validated(VideoSettings, settings, origin="video")
    portable = same_engine(load_portable(style, **loading, for_video=True), is_here=cluster is None)
    with open_pool(workers=workers, cluster=cluster, device=loading["device"]) as pool:
        return paint_film(
            pool, portable, source, output, choices, overwrite=overwrite, on_progress=on_progress
        )


def stylize_folder(
    photos: list[str],
    output: str | None,
    *,
    styles: list[str | None],
    workers: int | None,
    cluster: str | None,
    options: Any,
    overwrite: bool,
    all_metadata: bool,
    **loading: Any,
) -> None:
    """Do what `fastst stylize` does for a folder or an address, with a pool.

    Args:
        photos: the folder or address, alone.
        output: another; None: beside it.
        styles: the styles to paint in; None among them stands for regions.
        workers: as in ``open_pool``.
        cluster: likewise.
        options: as in ``paint_photos``.
        overwrite: likewise.
        all_metadata: likewise.
        loading: as in ``load_portable``.

    Raises:
        UsageError: for anything but one folder or address.
    """
    from fastst.cli.progress import photos_progress
    from fastst.cluster.failures import REPORT
    from fastst.cluster.folders import Folder
    from fastst.cluster.photos import paint_photos
    from fastst.cluster.pools import open_pool
    from fastst.cluster.portable import load_portable
    from fastst.networks.styles import style_label

    if len(photos) != 1 or "-" in (photos[0], output):
        raise UsageError("--workers and --cluster take one folder of photos, or an address; give one")
    source = Folder(photos[0])
    source.check_is_there()
    failures = 0
    with open_pool(workers=workers, cluster=cluster, device=loading.get("device")) as pool:
        for style in styles:
            label = style_label(style) if style else "regions"
            target = source.beside(label) if output is None else Folder(output)
            with photos_progress() as show:
                result = paint_photos(
                    pool,
                    load_portable(style, **loading),
                    source,
                    target,
                    style=label if len(styles) > 1 else None,
                    options=options,
                    overwrite=overwrite,
                    all_metadata=all_metadata,
                    on_failure=lambda message: say_aside(f"error: {message}"),
                    on_progress=show,
                )
            failures += result.failed
            counts = f"{result.painted} painted, {result.there} there already, {result.failed} failed"
            say(f"{shown(source.address)} -> {shown(target.address)} ({counts}, {result.rate:.1f} a second)")
            if result.failed:
                say_aside(f"what failed, and why, is in {target.of(REPORT)}")
    if failures:
        raise typer.Exit(1)
