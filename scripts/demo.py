"""Stylise a photo with every shipped style, then train a new one for two minutes: what demo.sh runs.

Usage: python scripts/demo.py FOLDER
"""

import sys
from pathlib import Path

import skimage
from PIL import Image

import fastst
from fastst.cli.progress import training_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, write_picture
from fastst.networks.styles import installed_styles

_DATA = Path(skimage.__file__).parent / "data"
# A stained tissue section under the microscope stands in for a painting that fastst never saw: like the two
# photos it comes with scikit-image, whose pictures are free to use.
_PHOTOS = (_DATA / "chelsea.png", _DATA / "coffee.png")
_PAINTING = _DATA / "ihc.png"
_MINUTES = 2.0
_SIZE = 512


def main() -> None:
    """Write the sheets into the folder that the command line names."""
    folder = Path(sys.argv[1])
    cells = [(photo.stem, _open(photo)) for photo in _PHOTOS]
    for name, metadata in installed_styles().items():
        stylizer = fastst.load(name)
        cells += [(f"{metadata.title}", stylizer(photo, size=_SIZE)) for photo in _PHOTOS]
    _write(cells, folder / "styles.png")

    checkpoint = folder / "tissue.safetensors"
    with training_progress() as on_step:
        fastst.train(_PAINTING, checkpoint, title="Tissue", minutes=_MINUTES, overwrite=True, on_step=on_step)
    stylizer = fastst.load(checkpoint)
    cells = [("the painting", _open(_PAINTING))]
    cells += [(f"after {_MINUTES:g} minutes", stylizer(photo, size=_SIZE)) for photo in _PHOTOS]
    _write(cells, folder / "new-style.png")


def _open(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _write(cells: list[tuple[str, Image.Image]], path: Path) -> None:
    write_picture(Picture(rgb=contact_sheet(cells, columns=2, cell=_SIZE)), path)
    print(f"wrote {path}: open it")


if __name__ == "__main__":
    main()
