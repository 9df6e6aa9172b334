"""Train the same network on synthetic images and on photos, and judge both on held-out photos.

Usage: python scripts/synthetic_against_photos.py PAINTING PHOTOS HELDOUT OUT [--steps 300]
"""

import argparse
from pathlib import Path

from PIL import Image

import fastst
from fastst.cli.progress import training_progress
from fastst.images.contact_sheet import contact_sheet
from fastst.images.pictures import Picture, write_picture
from fastst.networks.lineage import FROM_NOTHING

_SHOWN = 4


def main() -> None:
    """Print the ratio of the held-out objectives and write a sheet of both networks' pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("painting", type=Path)
    parser.add_argument("photos", type=Path, help="folder to train on")
    parser.add_argument("heldout", type=Path, help="folder to judge on")
    parser.add_argument("out", type=Path, help="folder for the checkpoints and the sheet")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--size", type=int, default=128)
    arguments = parser.parse_args()
    shown = sorted(arguments.heldout.glob("*.jpg"))[:_SHOWN]
    cells = [(photo.name, Image.open(photo)) for photo in shown]
    objectives = {}
    for data in (str(arguments.photos), "synthetic"):
        name = "synthetic" if data == "synthetic" else "photos"
        checkpoint = arguments.out / f"{name}.safetensors"
        with training_progress() as on_step:
            fastst.train(
                arguments.painting,
                checkpoint,
                overwrite=True,
                data=data,
                steps=arguments.steps,
                size=arguments.size,
                batch=4,
                init=FROM_NOTHING,
                on_step=on_step,
            )
        report = fastst.evaluate(
            checkpoint, painting=arguments.painting, photos=[arguments.heldout], size=384
        )
        mean = objectives[name] = report["mean"]
        terms = ", ".join(
            f"{term} {mean[term]:.3f}" for term in ("objective", "content", "style", "variation")
        )
        print(f"trained on {name}: held-out {terms}")
        stylizer = fastst.load(checkpoint)
        cells += [(f"{name}, {arguments.steps} steps", stylizer(photo, size=384)) for photo in shown]
    ratio = objectives["synthetic"]["objective"] / objectives["photos"]["objective"]
    print(f"synthetic / photos: {ratio:.3f}")
    sheet = contact_sheet(cells, columns=_SHOWN, cell=384)
    write_picture(Picture(rgb=sheet), arguments.out / "synthetic-against-photos.png")


if __name__ == "__main__":
    main()
