"""Pictures of any size with a style: seconds and peak memory by size, tiled against whole, and seams.

Pictures are mosaics of photos, each enlarged; every size runs in a process of its own, through the command
line, so that its peak memory is its own. Then one is painted in tiles and as a whole, in this process.

Usage: python scripts/any_size.py PHOTOS [--style starry-night] [--memory 2G] [--megapixels 3 12 50 100]
           [--against-whole 12] [--seams 12] [--stroke-size 1] [--suffix .tif] [--keep FOLDER] [--json]
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from PIL import Image, ImageChops
from torch import Tensor

import fastst
from fastst.images.colors import luminance
from fastst.images.finding import find_pictures
from fastst.images.pictures import read_picture
from fastst.stylize.stylizer import Stylizer
from fastst.stylize.tiling.canvas import MemoryCanvas
from fastst.stylize.tiling.memory import parse_memory
from fastst.stylize.tiling.tiles import Tile

# What the child does: the command line, then its peak memory in KiB on the last line of its error stream.
_CHILD = """
import resource, sys
from fastst.cli import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
_ACROSS = 3
_SHIFT = 0.0618
_FRESH_PROCESS = 300 * 2**20
# Little enough that the pictures compared with the whole, and searched for seams, are worked in tiles.
_TILED_MEMORY = "700M"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_options(parser)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure_sizes(arguments)
    if arguments.json:
        print(json.dumps(found))
        return
    for name in ("against_whole", "seams"):
        print(name, json.dumps(found.get(name)))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a parser take what ``measure_sizes`` needs."""
    parser.add_argument("photos", type=Path)
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--memory", default="2G")
    parser.add_argument("--megapixels", type=float, nargs="*", default=[3, 12, 50, 100])
    parser.add_argument("--against-whole", type=float, default=12, help="megapixels; 0 leaves it out")
    parser.add_argument("--seams", type=float, default=12, help="megapixels; 0 leaves it out")
    parser.add_argument("--stroke-size", type=float, default=1.0)
    parser.add_argument("--suffix", default=".tif")
    parser.add_argument("--keep", type=Path, help="folder for the pictures and results")


def measure_sizes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of every size, of tiles against the whole, and of seams."""
    found: dict[str, Any] = {"style": arguments.style, "memory": arguments.memory, "sizes": []}
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for megapixels in arguments.megapixels:
            row = measure(arguments, megapixels, folder)
            found["sizes"].append(row)
            print(
                f"{row['megapixels']:8.1f} MP {row['seconds']:8.1f} s {row['peak_mib']:8.0f} MiB",
                file=sys.stderr,
            )
    if arguments.against_whole:
        picture = mosaic(arguments.photos, arguments.against_whole)
        found["against_whole"] = against_whole(arguments.style, picture, memory=beyond_now(_TILED_MEMORY))
    if arguments.seams:
        picture = mosaic(arguments.photos, arguments.seams)
        found["seams"] = seams(fastst.load(arguments.style, memory=beyond_now(_TILED_MEMORY)), picture)
    return found


def beyond_now(memory: str) -> int:
    """That much memory, as if this process had just been started."""
    return parse_memory(memory) + psutil.Process().memory_info().rss - _FRESH_PROCESS


def mosaic(photos: Path, megapixels: float) -> Image.Image:
    """A picture of about that many megapixels: different photos, three across, each enlarged to 3:2.

    All are shifted, so that the edges between photos do not fall on those between tiles.
    """
    side = math.sqrt(megapixels * 1e6 / 1.5)
    width, height = round(1.5 * side / _ACROSS), round(side / _ACROSS)
    files = [file for file, _ in find_pictures([photos])]
    picture = Image.new("RGB", (width * _ACROSS, height * _ACROSS))
    for place in range(_ACROSS**2):
        photo = read_picture(files[place % len(files)]).rgb
        photo = photo.resize((width, height), Image.Resampling.BICUBIC)
        picture.paste(photo, (place % _ACROSS * width, place // _ACROSS * height))
    return ImageChops.offset(picture, round(_SHIFT * picture.width), round(_SHIFT * picture.height))


def measure(arguments: argparse.Namespace, megapixels: float, folder: Path) -> dict[str, float]:
    """Seconds and peak memory of the command line on a mosaic of that size."""
    source = folder / f"{megapixels:g}mp{arguments.suffix}"
    picture = mosaic(arguments.photos, megapixels)
    picture.save(source)
    command = [
        "stylize",
        source,
        "-s",
        arguments.style,
        "-o",
        folder / f"{megapixels:g}mp-out{arguments.suffix}",
    ]
    command += ["--memory", arguments.memory, "--stroke-size", arguments.stroke_size]
    began = time.perf_counter()
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, *map(str, command)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    seconds = time.perf_counter() - began
    if child.returncode:
        sys.exit(child.stderr)
    peak = int(child.stderr.split()[-1]) / 1024
    return {"megapixels": picture.width * picture.height / 1e6, "seconds": seconds, "peak_mib": peak}


def against_whole(style: str, picture: Image.Image, *, memory: int) -> dict[str, float]:
    """Mean and largest difference of the picture in tiles from that as a whole, in steps of 8 bits."""
    tiled, whole = fastst.load(style, memory=memory), fastst.load(style, memory=2**45)
    tiles = np.asarray(tiled(picture)).astype(np.int16)
    difference = np.abs(tiles - np.asarray(whole(picture)))
    return {
        "megapixels": picture.width * picture.height / 1e6,
        "mean": float(difference.mean()),
        "max": int(difference.max()),
    }


def seams(stylizer: Stylizer, picture: Image.Image) -> list[dict[str, float]]:
    """How the picture bends across the borders of tiles, against everywhere else.

    The bend at a border between columns x - 1 and x is the mean over the rows of the absolute second
    difference of the luminance, at x - 1 and x together; likewise for rows. A border is compared with the
    ``neighbours`` within 40 px that do not touch it, by the quantile that it takes among them. Without
    seams the quantiles are uniform: their mean is 0.5, with a standard error of sqrt(1 / 12 n) for n
    borders, and z says how many of those it is off.
    """
    borders: tuple[set[int], set[int]] = (set(), set())
    painted = np.zeros((picture.height, picture.width, 3), np.float32)

    def put(tile: Tile, _content: Tensor, stylized: Tensor) -> None:
        painted[tile.inner] = stylized[0].permute(1, 2, 0).cpu().numpy()
        borders[0].add(tile.rows.start)
        borders[1].add(tile.columns.start)

    stylizer.tiler.paint(MemoryCanvas(picture), put)
    plane = luminance(torch.from_numpy(painted).permute(2, 0, 1))[0].numpy()
    return [seam_statistic(plane if axis == 0 else plane.T, sorted(borders[axis] - {0})) for axis in (0, 1)]


def seam_statistic(plane: NDArray[np.float32], borders: list[int]) -> dict[str, float]:
    """The statistic of ``seams`` for borders between rows."""
    bends = np.abs(np.diff(plane, n=2, axis=0)).mean(axis=1)
    # bends[i] is centerd on row i + 1.
    pairs = (bends[:-1] + bends[1:]) / 2
    quantiles = []
    for border in borders:
        near = np.concatenate((pairs[max(0, border - 42) : border - 4], pairs[border + 1 : border + 39]))
        quantiles.append(float((near < pairs[border - 2]).mean()))
    if not quantiles:
        return {"borders": 0}
    mean = float(np.mean(quantiles))
    return {
        "borders": len(borders),
        "mean_quantile": mean,
        "z": (mean - 0.5) * math.sqrt(12 * len(borders)),
    }


if __name__ == "__main__":
    main()
