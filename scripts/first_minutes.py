"""Follow a short training on a painting: its previews on one sheet, and what it is worth at the end.

    python scripts/first_minutes.py examples/olive-trees.jpg ../shared/photos/heldout -o folder --minutes 5

But for the network, the training has the defaults of ``fastst train``. The figures are those of
``scripts/painted_table.py``, on the photos that are named; the sheet shows the package's own photos, which
are free.
"""

import argparse
from pathlib import Path

from painted_table import measure, row
from PIL import Image

import fastst
from fastst.cli.progress import training_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.finding import find_pictures
from fastst.images.pictures import Picture, read_picture, write_picture
from fastst.images.tensors import read_tensor
from fastst.loss_network import find_weights, load_weights
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.training.monitor import StepReport

_LOOKS = (0.05, 0.2, 0.5, 1.0)
_SIDE = 512


def main() -> None:
    """Train, print the row of figures, and write the sheet."""
    arguments = parse()
    arguments.output.mkdir(parents=True, exist_ok=True)
    name = f"{arguments.painting.stem}-{arguments.architecture}-{arguments.minutes:g}"
    checkpoint = arguments.output / f"{name}.safetensors"
    preview = checkpoint.with_suffix(".preview.png")
    looks: dict[float, Image.Image] = {}
    with training_progress() as show:

        def watch(report: StepReport) -> None:
            show(report)
            due = [share for share in _LOOKS if share <= report.share and share not in looks]
            if due and preview.exists():
                looks[due[-1]] = read_picture(preview).rgb

        result = fastst.train(
            arguments.painting,
            checkpoint,
            minutes=arguments.minutes,
            steps=100_000,
            architecture=arguments.architecture,
            preview_every=5,
            overwrite=True,
            on_step=watch,
        )
    print(f"{result.metadata.steps} steps in {result.seconds:.0f} s")
    photos = [read_tensor(file, size=_SIDE) for file, _ in find_pictures([arguments.photos])]
    alexnet = AlexNetFeatures(load_weights(find_weights("alexnet")))
    print(row(name, measure(str(checkpoint), arguments.painting, photos, alexnet, film=False)))
    write_picture(Picture(rgb=sheet(looks, minutes=arguments.minutes)), arguments.output / f"{name}.jpg")


def sheet(looks: dict[float, Image.Image], *, minutes: float) -> Image.Image:
    """Return the photos of the previews, and under them what was made of them by and by."""
    cells: list[tuple[str, Image.Image]] = []
    for number, (share, look) in enumerate(sorted(looks.items())):
        side = look.height // 2
        for half in [0, 1] if number == 0 else [1]:
            told = f"after {60 * minutes * share:.0f} s" if half else "the photos"
            for column in range(look.width // side):
                part = look.crop((column * side, half * side, (column + 1) * side, (half + 1) * side))
                cells.append((told if column == 0 else "", part))
    return contact_sheet(cells, columns=4, cell=256)


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("painting", type=Path, help="the style image")
    parser.add_argument("photos", type=Path, help="photos to measure on")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of checkpoint and sheet")
    parser.add_argument("--architecture", default="brush", help="which network: brush or brush-wide")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to train")
    return parser.parse_args()


if __name__ == "__main__":
    main()
