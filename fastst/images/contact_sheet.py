"""Pictures laid out in a grid, with a line of text under each."""

import math
import unicodedata
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFont

_MARGIN = 8
_TEXT_HEIGHT = 22
_FONT_SIZE = 14
# Of a sheet's width to its height, where nobody says how many columns.
_SHAPE = 1.5


def contact_sheet(
    cells: Sequence[tuple[str, Image.Image]], *, columns: int | None = None, cell: int
) -> Image.Image:
    """Return one picture of many; a line that is wider than its picture's place is shortened.

    Args:
        cells: lines of text and pictures, at least one.
        columns: how many; None: as many as make the sheet about half as wide again as high.
        cell: side in pixels of the square that each picture is fitted into; the rows are less high if every
            picture is.
    """
    pictures = [picture.copy() for _, picture in cells]
    for picture in pictures:
        picture.thumbnail((cell, cell), Image.Resampling.LANCZOS)
    height = max(picture.height for picture in pictures)
    across, down = cell + _MARGIN, height + _MARGIN + _TEXT_HEIGHT
    columns = columns or _columns(len(cells), down / across)
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * across + _MARGIN, rows * down + _MARGIN), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_FONT_SIZE)
    for number, ((text, _), picture) in enumerate(zip(cells, pictures, strict=True)):
        left, top = _MARGIN + number % columns * across, _MARGIN + number // columns * down
        sheet.paste(picture, (left + (cell - picture.width) // 2, top + (height - picture.height) // 2))
        shown = _shortened(_plain(text), lambda part: draw.textlength(part, font=font) <= cell)
        draw.text((left, top + height + 2), shown, fill="black", font=font)
    return sheet


def _columns(count: int, height: float) -> int:
    """Return how many columns suit so many cells of that height in widths, with the last row nearly full."""
    columns = min(count, max(1, round(math.sqrt(count * _SHAPE * height))))
    rows = -(-count // columns)
    return -(-count // rows)


def _plain(text: str) -> str:
    """Leave accents out: Pillow's own font has none."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _shortened(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text, or as much of its beginning as fits before three dots."""
    if fits(text):
        return text
    return next((part for end in range(len(text), 0, -1) if fits(part := f"{text[:end]}...")), "")
