"""``fastst webcam``: repaint live pictures."""

import json
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.derived import with_options_of
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import EngineOption, OverwriteOption, SeedOption
from fastst.live.settings import LiveSettings


@with_options_of(LiveSettings)
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
    seed: SeedOption = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the statistics as one JSON object.")] = False,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, mps; the fastest by default.")] = None,
    engine: EngineOption = "auto",
    overwrite: OverwriteOption = False,
) -> None:
    """Repaint a camera, a film or a stream live. Press h in the window for the keys."""
    from fastst import run_webcam
    from fastst.networks.styles import DEFAULT_STYLE

    report = run_webcam(
        styles or [DEFAULT_STYLE],
        device=device,
        engine=engine,
        seed=seed,
        overwrite=overwrite,
        on_report=lambda report: say_aside(str(report)) if given.get("headless") else None,
        **given,
    )
    say(json.dumps(report.as_dict(), indent=2) if as_json else str(report))
