"""Make a sheet to look at: a row a photo, with the painting and what styles made of it, at 100 %.

Usage:
    python scripts/look.py sheet.png --painting PAINTING --photos PHOTO... --styles BEFORE AFTER...
        [--size 512]

A style is an installed one, a checkpoint, a mix of several, or a picture: that is shown as it is, and taken
for what became of the photo, so there may be one photo only. Under each picture are its figures, as in
``fastst evaluate``: the rank, the strokes of 4, 8, 16 and 32 px, and the edges.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from torch import Tensor

import fastst
from fastst.errors import FaststError, UsageError
from fastst.evaluation.metrics.painted import Painted, PaintedEvaluator
from fastst.images.contact_sheet import contact_sheet
from fastst.images.formats import can_write, check_output_suffix
from fastst.images.pictures import Picture, fit, read_picture, write_picture
from fastst.images.tensors import to_tensor
from fastst.networks.styles import style_label

_FEWEST = 64  # px a side, below which no hatch can be looked for

Cell = tuple[str, Image.Image]
# Names what it shows, and makes it of a photo.
Painter = tuple[str, Callable[[Image.Image], Image.Image]]


def main() -> int:
    """Write the sheet that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sheet", type=Path, help="a picture to write, such as sheet.png")
    parser.add_argument("--painting", type=Path, required=True)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--styles", nargs="+", required=True)
    parser.add_argument("--size", type=int, default=512, help="long side of photos and painting, in px")
    arguments = parser.parse_args()
    try:
        make_sheet(
            arguments.sheet,
            painting=arguments.painting,
            photos=arguments.photos,
            styles=arguments.styles,
            size=arguments.size,
        )
    except FaststError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def make_sheet(sheet: Path, *, painting: Path, photos: list[Path], styles: list[str], size: int) -> None:
    """Read, paint, judge and write.

    Raises:
        UsageError: if the sheet's name, the size or the styles are no good.
        FaststError: if a file cannot be read or written.
    """
    check_output_suffix(sheet)
    pictures = [style for style in styles if _is_picture(style)]
    if pictures and len(photos) > 1:
        raise UsageError(f"{pictures[0]}: is what became of one photo; give that photo alone")
    judged_by = fit(read_picture(painting).rgb, size)
    judge = PaintedEvaluator(_batch(judged_by, painting))
    painters = _painters(styles)
    cells: list[Cell] = []
    for file in photos:
        photo = fit(read_picture(file).rgb, size)
        cells += [(file.name, photo), (painting.name, judged_by)]
        cells += _painted(painters, photo, judge=judge, name=file)
    largest = max(max(picture.size) for _, picture in cells)
    made = contact_sheet(cells, columns=2 + len(painters), cell=largest)
    write_picture(Picture(rgb=made), sheet, quality=95)


def _painted(
    painters: list[Painter], photo: Image.Image, *, judge: PaintedEvaluator, name: Path
) -> Iterator[Cell]:
    content = _batch(photo, name)
    for label, paint in painters:
        picture = paint(photo)
        same_size = picture.resize(photo.size, Image.Resampling.LANCZOS)
        found = judge(_batch(same_size, name), content)
        print(f"{name.name}, {label}: {told(found)}", flush=True)
        yield f"{label}: {told(found)}", picture


def told(found: Painted) -> str:
    """Return the figures by which pictures are compared, short enough to stand under one."""
    strokes = " ".join(f"{share:.2f}" for share in found.strokes)
    return f"rank {found.rank:.2f}, strokes {strokes}, edges {found.edges:.2f}"


def _painters(styles: list[str]) -> list[Painter]:
    names = [Path(style).stem if _is_picture(style) else style_label(style) for style in styles]
    # Before and after often have one name, in two folders.
    folders = [
        Path(style).parent.name if names.count(name) > 1 else ""
        for style, name in zip(styles, names, strict=True)
    ]
    labels = [f"{folder}/{name}" if folder else name for folder, name in zip(folders, names, strict=True)]
    return [(label, _paint(style)) for label, style in zip(labels, styles, strict=True)]


def _paint(style: str) -> Callable[[Image.Image], Image.Image]:
    if not _is_picture(style):
        return fastst.load(style)
    shown = read_picture(style).rgb
    return lambda photo: shown


def _is_picture(style: str) -> bool:
    return can_write(style) and Path(style).is_file()


def _batch(image: Image.Image, name: Path) -> Tensor:
    """Return a picture as (1, 3, H, W), RGB in [0, 1]; refuse one that is too small to be judged."""
    if min(image.size) < _FEWEST:
        raise UsageError(
            f"{name}: is {image.width} x {image.height} px here; give {_FEWEST} px a side or more"
        )
    return to_tensor(image)[None]


if __name__ == "__main__":
    sys.exit(main())
