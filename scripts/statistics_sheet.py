"""One photo and one painting, every style statistic at the same strength, side by side.

Usage: python scripts/statistics_sheet.py PAINTING OUT [--size 384] [--steps 200]

Each picture is kept in OUT as it is done, and one that is there already is not made again.
"""

import argparse
from pathlib import Path

import skimage
from PIL import Image

import fastst
from fastst.cli.progress import optimization_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, fit, read_picture, write_picture
from fastst.losses.statistics.registry import STATISTICS
from fastst.optimization.search import IterationReport


def main() -> None:
    """Write the pictures and the sheet into the folder that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("painting", type=Path)
    parser.add_argument("out", type=Path, help="folder for the pictures and the sheet")
    parser.add_argument("--photo", default="chelsea.png", help="one of scikit-image's, which are free to use")
    parser.add_argument("--statistics", nargs="+", default=list(STATISTICS))
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--strength", type=float, default=5.0)
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    photo = Path(skimage.__file__).parent / "data" / arguments.photo
    originals = (("the photo", photo), ("the painting", arguments.painting))
    cells = [(name, fit(read_picture(path).rgb, arguments.size)) for name, path in originals]
    for name in arguments.statistics:
        file = arguments.out / f"{photo.stem}-{arguments.painting.stem}-{name}.png"
        if not file.exists():
            write_picture(Picture(rgb=paint(photo, name, arguments)), file)
        with Image.open(file) as picture:
            cells.append((name, picture.convert("RGB")))
    sheet = arguments.out / "statistics.jpg"
    write_picture(Picture(rgb=contact_sheet(cells, columns=5, cell=arguments.size)), sheet, quality=88)
    print(f"wrote {sheet}")


def paint(photo: Path, name: str, arguments: argparse.Namespace) -> Image.Image:
    """Return the optimizer's picture, and print the terms of its last iteration."""
    last: list[IterationReport] = []
    with optimization_progress(arguments.steps) as show:

        def watch(report: IterationReport) -> None:
            last[:] = [report]
            show(report)

        picture = fastst.optimize(
            photo,
            arguments.painting,
            size=arguments.size,
            steps=arguments.steps,
            objective={"style_loss": name, "style_weight": arguments.strength},
            loss_network_weights=arguments.loss_network_weights,
            on_iteration=watch,
        )
    terms = last[0].terms
    print(f"{name}: content {terms.content.item():.4f}, style {terms.style.item():.4f}", flush=True)
    return picture


if __name__ == "__main__":
    main()
