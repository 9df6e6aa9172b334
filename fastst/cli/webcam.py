"""``fastst webcam``: stylize a camera live."""

import json
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.derived import given_of, with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import ENGINE_NAMES, OverwriteOption
from fastst.live.settings import LiveSettings
from fastst.settings import validated
from fastst.stylize.options import VideoLoadOptions


@with_options_of(LiveSettings, VideoLoadOptions, leave_out={"memory"}, more=ENGINE_NAMES)
def webcam(
    styles: Annotated[
        list[str] | None,
        typer.Option(
            "--style",
            "-s",
            callback=known,
            autocompletion=complete_style,
            help="Shown first (starry-night); repeat it for those to switch between.",
            show_default=False,
        ),
    ] = None,
    *,
    given: dict[str, Any],
    as_json: Annotated[bool, typer.Option("--json", help="Print the statistics as one JSON object.")] = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Stylize a camera, a video or a stream live. Press h in the window for the keys."""
    from fastst import run_webcam
    from fastst.networks.styles import DEFAULT_STYLE

    loading = validated(VideoLoadOptions, given_of(VideoLoadOptions, given), origin="webcam")
    report = run_webcam(
        styles or [DEFAULT_STYLE],
        **loading.model_dump(include={"device", "engine", "seed"}),
        overwrite=overwrite,
        on_report=lambda report: say_aside(str(report)) if given.get("headless") else None,
        **given_of(LiveSettings, given),
    )
    say(json.dumps(report.as_dict(), indent=2) if as_json else str(report))
