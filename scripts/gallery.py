"""Make the gallery page: every shipped style on the same four photos.

    python scripts/gallery.py docs

It writes ``gallery.md`` and a picture for each style, ``gallery/STYLE.jpg``. The photos are the package's
own, which are free.
"""

import sys
from pathlib import Path

from PIL import Image

import fastst
from fastst.images.contact_sheet import contact_sheet
from fastst.images.finding import find_pictures
from fastst.images.pictures import Picture, read_picture, write_picture
from fastst.networks.styles import installed_styles

_PHOTOS = Path(fastst.__file__).parent / "photos"
_SIDE = 320
# Stylized at the size at which strokes look right, then shown smaller.
_LARGER = 1.5

_HEAD = """# Gallery

Every shipped style on the same four free photos, as `fastst stylize PHOTO -s NAME` stylizes them. This page
is made by `scripts/gallery.py`.
"""


def main() -> None:
    """Write the page and its pictures."""
    folder = Path(sys.argv[1])
    photos = [read_picture(file).rgb for file, _ in find_pictures([_PHOTOS])]
    page = [_HEAD, "## The photos\n", _row(photos, "photos", folder)]
    for name, metadata in installed_styles().items():
        stylizer = fastst.load(name)
        size = round(_SIDE * _LARGER)
        painted = [stylizer(photo, size=size) for photo in photos]
        heading = f"## {metadata.title}\n\n{metadata.painter}, {metadata.year}: `-s {name}`\n"
        page += [heading, _row(painted, name, folder)]
    (folder / "gallery.md").write_text("\n".join(page))


def _row(pictures: list[Image.Image], name: str, folder: Path) -> str:
    """Write the pictures side by side and return what shows them."""
    sheet = contact_sheet([("", picture) for picture in pictures], columns=len(pictures), cell=_SIDE)
    write_picture(Picture(rgb=sheet), folder / "gallery" / f"{name}.jpg", quality=82)
    return f"![{name}](gallery/{name}.jpg)\n"


if __name__ == "__main__":
    main()
