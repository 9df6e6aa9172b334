"""Measure whether the reference method's pictures look painted: a row for each painting.

    python scripts/optimizer_table.py ../shared/styles ../shared/peers/chicago.jpg -o folder

The photo is stylized at a long side of 512 px by ``fastst.optimize`` with its defaults. The pictures are
kept in the folder, and not made again when the script runs again. The figures are as in
``fastst.evaluation.metrics.painted``; the processor's time is that of all threads.
"""

import argparse
import json
import resource
from pathlib import Path

import fastst
from fastst.evaluation.metrics.painted import PaintedEvaluator
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor

_SIZE = 512


def main() -> None:
    """Print the table."""
    arguments = parse()
    arguments.output.mkdir(parents=True, exist_ok=True)
    columns = ("painting", "strokes 4 / 8 / 16 / 32", "edges", "contrast", "chroma", "hatch", "CPU s", "GiB")
    print("| " + " | ".join(columns) + " |")
    print("|---" * len(columns) + "|")
    for painting, _ in find_pictures([arguments.paintings]):
        print(row(painting, arguments.photo, arguments.output), flush=True)


def row(painting: Path, photo: Path, folder: Path) -> str:
    """Return a painting's row, making the picture if it is not there yet."""
    picture, cost = folder / f"{painting.stem}.png", folder / f"{painting.stem}.json"
    if not cost.exists():
        before = resource.getrusage(resource.RUSAGE_SELF)
        fastst.optimize(photo, painting, size=_SIZE).save(picture)
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        cost.write_text(json.dumps({"seconds": seconds, "memory": after.ru_maxrss / 2**20}))
    spent = json.loads(cost.read_text())
    painted = PaintedEvaluator(read_tensor(painting, size=_SIZE))(
        read_tensor(picture, size=_SIZE), read_tensor(photo, size=_SIZE)
    )
    strokes = " / ".join(f"{share:.2f}" for share in painted.strokes)
    return (
        f"| {painting.stem} | {strokes} | {painted.edges:.2f} | {painted.contrast:.2f} "
        f"| {painted.chroma:.2f} | {painted.hatch:.2f} | {spent['seconds']:.0f} | {spent['memory']:.1f} |"
    )


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paintings", type=Path, help="folder of the style images")
    parser.add_argument("photo", type=Path, help="the content image")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the pictures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
