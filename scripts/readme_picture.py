"""Make the README's picture: free photos, each stylized by some of the shipped styles.

Usage: python scripts/readme_picture.py docs/styles.jpg
"""

import sys
from pathlib import Path

import skimage
from PIL import Image, ImageOps

import fastst
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, write_picture
from fastst.networks.styles import installed_styles

# CC0 or public domain, and part of the scikit-image package.
_PHOTOS = ("coffee.png", "astronaut.png", "rocket.jpg", "chelsea.png")
_SIDE = 400
_COLUMNS = 4
# Stylized at the size at which strokes look right, then shown smaller.
_LARGER = 1.5


def main() -> None:
    """Write one picture."""
    folder = Path(skimage.__file__).parent / "data"
    size = (round(_SIDE * _LARGER),) * 2
    photos = [ImageOps.fit(Image.open(folder / name).convert("RGB"), size) for name in _PHOTOS]
    cells = []
    for number, (name, metadata) in enumerate(installed_styles().items()):
        # Another photo than above, so that each is seen in several styles.
        painted = fastst.load(name)(photos[(number + number // _COLUMNS) % len(photos)])
        cells.append((f"{metadata.title}, {metadata.painter}", painted))
    sheet = contact_sheet(cells, columns=_COLUMNS, cell=_SIDE)
    write_picture(Picture(rgb=sheet), sys.argv[1], quality=88)


if __name__ == "__main__":
    main()
