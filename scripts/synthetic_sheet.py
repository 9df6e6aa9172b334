"""Write a contact sheet of synthetic training images, for a person to look at.

Usage: python scripts/synthetic_sheet.py OUT.png
"""

import argparse
from pathlib import Path

import torch

from fastst.data.synthetic import SyntheticImages
from fastst.images.pictures import Picture, write_picture
from fastst.images.tensors import to_image

COLUMNS = 8
ROWS = 6
SIZE = 128


def main() -> None:
    """Write the sheet that the command line names."""
    parser = argparse.ArgumentParser(description="Write a contact sheet of synthetic training images.")
    parser.add_argument("out", type=Path, help="the picture to write, such as sheet.png")
    parser.add_argument("--seed", type=int, default=0, help="another seed shows other images")
    arguments = parser.parse_args()
    images = SyntheticImages(size=SIZE, seed=arguments.seed, length=ROWS * COLUMNS)
    rows = [
        torch.cat([images[row * COLUMNS + column] for column in range(COLUMNS)], 2) for row in range(ROWS)
    ]
    write_picture(Picture(rgb=to_image(torch.cat(rows, 1))), arguments.out)


if __name__ == "__main__":
    main()
