"""The options that say in which style to repaint: one, or several where their masks are white."""

from typing import Annotated

import typer

StyleOption = Annotated[
    str | None, typer.Option("--style", "-s", help="An installed style, or a checkpoint file.")
]
RegionOption = Annotated[
    list[str] | None,
    typer.Option(help="MASK:STYLE, repeatable, instead of --style; MASK may be rest: what is left."),
]
FeatherOption = Annotated[
    float | None, typer.Option(help="Width in pixels of the soft edges between regions.")
]
