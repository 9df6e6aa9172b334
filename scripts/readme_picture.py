"""Make the README's picture: free photos above, what a shipped style makes of them below.

Usage: python scripts/readme_picture.py starry-night docs/starry-night.jpg
"""

import sys
from pathlib import Path

import skimage
from PIL import Image, ImageOps

import fastst
from fastst.images import Picture, write_picture

# CC0 or public domain, and part of the scikit-image package.
_PHOTOS = ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg")
_CELL = (400, 300)
# Repainted at the size at which strokes look right, then shown smaller.
_LONG_SIDE = 640


def main() -> None:
    """Write the picture."""
    style, output = sys.argv[1:]
    stylizer = fastst.load(style)
    sheet = Image.new("RGB", (_CELL[0] * len(_PHOTOS), 2 * _CELL[1]))
    for column, name in enumerate(_PHOTOS):
        with Image.open(Path(skimage.__file__).parent / "data" / name) as opened:
            photo = opened.convert("RGB")
        for row, picture in enumerate((photo, stylizer(photo, size=_LONG_SIDE))):
            sheet.paste(ImageOps.fit(picture, _CELL), (column * _CELL[0], row * _CELL[1]))
    write_picture(Picture(rgb=sheet), output, quality=88)


if __name__ == "__main__":
    main()
