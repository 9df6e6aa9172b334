"""Measure whether the installed styles' pictures look painted: a table with one row a style.

    python scripts/painted_table.py ../shared/styles ../shared/photos/heldout [--film] [--only STYLE ...]

Photos are stylised at a long side of 512 px. Colour distance and AlexNet's style error, at full, half and
quarter size, are shares of the untouched photo's; all other figures are as in
``fastst.evaluation.metrics.painted``.
"""

import argparse
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

import fastst
from fastst.evaluation.judge import gram_error, gram_matrices
from fastst.evaluation.metrics.colour import colour_distance
from fastst.evaluation.metrics.painted import Painted, PaintedJudge
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor
from fastst.loss_network import find_weights, load_weights
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.losses.objective import at_scale
from fastst.networks.styles import load_style, style_names

_SIZE = 512


def main() -> None:
    """Print the table."""
    arguments = parse()
    alexnet = AlexNetFeatures(load_weights(find_weights("alexnet")))
    photos = [read_tensor(file, size=_SIZE) for file, _ in find_pictures([arguments.photos])]
    columns = ("style", "rank", "strokes 4 / 8 / 16 / 32", "edges (least)", "contrast", "chroma", "hatch")
    print("| " + " | ".join((*columns, "colour", "AlexNet 1 / ½ / ¼")) + " |")
    print("|---" * (len(columns) + 2) + "|")
    for name in arguments.only or style_names():
        training = load_style(name, for_film=arguments.film).metadata.training
        painting = arguments.paintings / str(training["painting"])
        print(row(name, painting, photos, alexnet, film=arguments.film), flush=True)


@torch.no_grad()
def row(name: str, painting: Path, photos: list[Tensor], alexnet: AlexNetFeatures, *, film: bool) -> str:
    """Return a style's row: means over the photos, and the least edges."""
    stylizer = fastst.load(name, for_film=film)
    style_image = read_tensor(painting, size=_SIZE)
    judge = PaintedJudge(style_image)
    grams = [gram_matrices(alexnet(at_scale(style_image, scale))) for scale in range(3)]

    def style_errors(image: Tensor) -> list[float]:
        return [
            gram_error(gram_matrices(alexnet(at_scale(image, scale))), grams[scale]) for scale in range(3)
        ]

    found: list[Painted] = []
    colours: list[tuple[float, float]] = []
    errors: list[tuple[list[float], list[float]]] = []
    for photo in photos:
        picture = stylizer.stylize(photo)
        found.append(judge(picture, photo))
        colours.append(
            (colour_distance(picture[0], style_image[0]), colour_distance(photo[0], style_image[0]))
        )
        errors.append((style_errors(picture), style_errors(photo)))
    strokes = " / ".join(f"{fmean(one.strokes[band] for one in found):.2f}" for band in range(4))
    edges = [one.edges for one in found]
    colour = fmean(own for own, _ in colours) / fmean(other for _, other in colours)
    alex = " / ".join(
        f"{fmean(own[scale] for own, _ in errors) / fmean(other[scale] for _, other in errors):.2f}"
        for scale in range(3)
    )
    means = {
        key: fmean(getattr(one, key) for one in found) for key in ("rank", "contrast", "chroma", "hatch")
    }
    return (
        f"| {name} | {means['rank']:.2f} | {strokes} | {fmean(edges):.2f} ({min(edges):.2f}) "
        f"| {means['contrast']:.2f} | {means['chroma']:.2f} | {means['hatch']:.2f} | {colour:.2f} | {alex} |"
    )


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paintings", type=Path, help="folder of the style images, named as in the headers")
    parser.add_argument("photos", type=Path, help="folder of photos that no training saw")
    parser.add_argument("--film", action="store_true", help="the styles' networks for film")
    parser.add_argument("--only", nargs="*", help="names of styles")
    return parser.parse_args()


if __name__ == "__main__":
    main()
