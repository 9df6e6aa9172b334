"""``fastst webcam``: repaint live pictures."""

import json
from pathlib import Path
from typing import Annotated

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.speech import say, say_aside
from fastst.cli.stylize import EngineOption, OverwriteOption, SeedOption


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
    source: Annotated[str, typer.Option(help="A camera's number, a film, or an address.")] = "0",
    loop: Annotated[bool, typer.Option("--loop", help="Start a film again at its end.")] = False,
    size: Annotated[int | None, typer.Option(help="Long side in pixels that the network works at.")] = None,
    fps: Annotated[float | None, typer.Option(help="Or work as large as holds this rate. [30]")] = None,
    strength: Annotated[float, typer.Option(help="From 0, the camera, to 1, the stylised picture.")] = 1.0,
    keep_colors: Annotated[bool, typer.Option("--keep-colors", help="Keep the camera's colours.")] = False,
    smooth: Annotated[bool, typer.Option("--smooth", help="Less flicker: blend frames.")] = False,
    seed: SeedOption = 0,
    record: Annotated[Path | None, typer.Option(help="Write the stylised pictures into this film.")] = None,
    virtual_camera: Annotated[
        bool, typer.Option("--virtual-camera", help="Be a camera for calls and streaming programs.")
    ] = False,
    headless: Annotated[bool, typer.Option("--headless", help="Open no window; print statistics.")] = False,
    seconds: Annotated[float | None, typer.Option(help="End after so long.")] = None,
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
        on_report=lambda report: say_aside(str(report)) if headless else None,
        source=source,
        loop=loop,
        size=size,
        fps=fps,
        strength=strength,
        keep_colors=keep_colors,
        smooth=smooth,
        record=record,
        virtual_camera=virtual_camera,
        headless=headless,
        seconds=seconds,
    )
    say(json.dumps(report.as_dict(), indent=2) if as_json else str(report))
