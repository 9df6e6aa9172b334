"""Stylize two photos in every shipped style, train a new one for two minutes, and lay one sheet of it all.

    python scripts/demo.py FOLDER

This is what ``demo.sh`` runs.
"""

import sys
from pathlib import Path

import fastst
from fastst.cli.progress import training_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, read_picture, write_picture
from fastst.networks.styles import installed_styles

_ROOT = Path(__file__).parents[1]
_PHOTOS = [_ROOT / "fastst" / "photos" / name for name in ("coffee.jpg", "chelsea.jpg")]
_PAINTING = _ROOT / "examples" / "olive-trees.jpg"
_MINUTES = 2.0
_SIZE = 512

_NEXT = """open {sheet}

Next, with your own pictures (`source .venv/bin/activate` first):
  fastst sheet PHOTO -o sheet.png                   every style on your photo
  fastst train PAINTING --name my-style             five minutes make a style
  fastst train {painting} -o {style} --resume --minutes 5
  fastst video FILM -s great-wave -o out.mp4
  fastst webcam                                     with '.[webcam]' installed"""


def main() -> None:
    """Write the new style and the sheet into the folder that the command line names."""
    folder = Path(sys.argv[1])
    style, sheet = folder / "olive-trees.safetensors", folder / "sheet.png"
    with training_progress() as on_step:
        fastst.train(_PAINTING, style, title="Olive Trees", minutes=_MINUTES, overwrite=True, on_step=on_step)
    stylizers = {f"{_MINUTES:g} minutes of it": fastst.load(style)}
    stylizers |= {metadata.title: fastst.load(name) for name, metadata in installed_styles().items()}
    cells = []
    for photo in _PHOTOS:
        cells += [("the photo", read_picture(photo).rgb), ("a painting", read_picture(_PAINTING).rgb)]
        cells += [(title, stylizer(photo, size=_SIZE)) for title, stylizer in stylizers.items()]
    write_picture(Picture(rgb=contact_sheet(cells, columns=7, cell=_SIZE // 2)), sheet)
    print(_NEXT.format(sheet=sheet, painting=_PAINTING.relative_to(_ROOT), style=style))


if __name__ == "__main__":
    main()
