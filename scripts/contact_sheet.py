"""Lay pictures out in a grid with a line of text under each."""

import unicodedata
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_MARGIN = 8
_TEXT_HEIGHT = 22


def contact_sheet(cells: Sequence[tuple[str, Image.Image]], *, columns: int, cell: int) -> Image.Image:
    """Return one picture; cells are squares of ``cell`` px, less high if every picture fitted in is."""
    pictures = [picture.copy() for _, picture in cells]
    for picture in pictures:
        picture.thumbnail((cell, cell), Image.Resampling.LANCZOS)
    height = max(picture.height for picture in pictures)
    rows = -(-len(cells) // columns)
    across, down = cell + _MARGIN, height + _MARGIN + _TEXT_HEIGHT
    sheet = Image.new("RGB", (columns * across + _MARGIN, rows * down + _MARGIN), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=14)
    for number, ((text, _), picture) in enumerate(zip(cells, pictures, strict=True)):
        left, top = _MARGIN + number % columns * across, _MARGIN + number // columns * down
        sheet.paste(picture, (left + (cell - picture.width) // 2, top + (height - picture.height) // 2))
        draw.text((left, top + height + 2), _plain(text), fill="black", font=font)
    return sheet


def _plain(text: str) -> str:
    """Leave accents out: Pillow's own font has none."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
