"""``fastst sheet``: one photo in every style."""

from pathlib import Path
from typing import Annotated, Any

import typer

from fastst.cli.choices import complete_style, known
from fastst.cli.derived import with_options_of
from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption
from fastst.errors import shown
from fastst.stylize.options import SheetOptions

_STYLES_HELP = "A style, checkpoint or mix to show, repeatable; every installed style by default."


@with_options_of(SheetOptions)
def sheet(
    photo: Annotated[Path, typer.Argument(help="The photo.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The picture to write (beside the photo: photo.styles.jpg).",
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option("--style", "-s", callback=known, autocompletion=complete_style, help=_STYLES_HELP),
    ] = None,
    *,
    given: dict[str, Any],
    overwrite: OverwriteOption = False,
) -> None:
    """Show a photo in every style, side by side, with their names."""
    from fastst import style_sheet
    from fastst.cli.progress import counted_progress
    from fastst.files import refuse_overwriting, refuse_replacing
    from fastst.images.formats import check_output_suffix
    from fastst.images.pictures import Picture, write_picture
    from fastst.stylize.outputs import copy_beside

    output = copy_beside(photo, "styles") if output is None else output
    check_output_suffix(output)
    refuse_overwriting([output], [photo])
    refuse_replacing([output], overwrite=overwrite)
    with counted_progress("styles") as on_style:
        picture = style_sheet(photo, styles=style or (), **given, on_style=on_style)
    write_picture(Picture(rgb=picture), output)
    say(f"{shown(photo)} -> {shown(output)}")
