"""Lay pictures out in a grid with a line of text under each."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_MARGIN = 8
_TEXT_HEIGHT = 22


def contact_sheet(cells: Sequence[tuple[str, Image.Image]], *, columns: int, cell: int) -> Image.Image:
    """Return one picture; every cell is a square of ``cell`` px in which its picture is fitted."""
    rows = -(-len(cells) // columns)
    pitch = cell + _MARGIN
    sheet = Image.new("RGB", (columns * pitch + _MARGIN, rows * (pitch + _TEXT_HEIGHT) + _MARGIN), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for number, (text, picture) in enumerate(cells):
        left, top = _MARGIN + number % columns * pitch, _MARGIN + number // columns * (pitch + _TEXT_HEIGHT)
        fitted = picture.copy()
        fitted.thumbnail((cell, cell), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (left + (cell - fitted.width) // 2, top + (cell - fitted.height) // 2))
        draw.text((left, top + cell + 2), text, fill="black", font=font)
    return sheet
