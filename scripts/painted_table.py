"""Measure whether the installed styles' pictures look painted: a table with one row a style.

    python scripts/painted_table.py ../shared/styles ../shared/photos/heldout [--film] [--write]

Photos are stylized at a long side of 512 px. Color distance and AlexNet's style error, at full, half and
quarter size, are shares of the untouched photo's; all other figures are as in
``fastst.evaluation.metrics.painted``.
"""

import argparse
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

import fastst
from fastst.evaluation.evaluator import gram_error, gram_matrices
from fastst.evaluation.metrics.color import color_distance
from fastst.evaluation.metrics.painted import Painted, PaintedEvaluator, mean_painted
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor
from fastst.loss_network import find_weights, load_weights
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.losses.objective import at_scale
from fastst.networks.checkpoint import load_checkpoint, save_checkpoint
from fastst.networks.styles import FOR_VIDEO, load_style, style_names, style_paths

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
        training = load_style(name, for_video=arguments.film).metadata.training
        painting = arguments.paintings / str(training["painting"])
        measures = measure(name, painting, photos, alexnet, film=arguments.film)
        print(row(name, measures), flush=True)
        if arguments.write:
            write(name, measures, film=arguments.film)


@torch.no_grad()
def measure(
    name: str, painting: Path, photos: list[Tensor], alexnet: AlexNetFeatures, *, film: bool
) -> dict[str, Any]:
    """Return a style's figures: means over the photos, and the least edges."""
    stylizer = fastst.load(name, for_video=film)
    style_image = read_tensor(painting, size=_SIZE)
    judge = PaintedEvaluator(style_image)
    grams = [gram_matrices(alexnet(at_scale(style_image, scale))) for scale in range(3)]

    def style_errors(image: Tensor) -> list[float]:
        return [
            gram_error(gram_matrices(alexnet(at_scale(image, scale))), grams[scale]) for scale in range(3)
        ]

    found: list[Painted] = []
    colors: list[tuple[float, float]] = []
    errors: list[tuple[list[float], list[float]]] = []
    for photo in photos:
        picture = stylizer.stylize(photo)
        found.append(judge(picture, photo))
        colors.append((color_distance(picture[0], style_image[0]), color_distance(photo[0], style_image[0])))
        errors.append((style_errors(picture), style_errors(photo)))
    measures = {
        "photos": len(photos),
        **mean_painted(found),
        "least_edges": min(one.edges for one in found),
        "colour": fmean(own for own, _ in colors) / fmean(other for _, other in colors),
        "alexnet": [
            fmean(own[scale] for own, _ in errors) / fmean(other[scale] for _, other in errors)
            for scale in range(3)
        ],
    }
    return {key: _rounded(value) for key, value in measures.items()}


def _rounded(value: Any) -> Any:
    return [round(each, 2) for each in value] if isinstance(value, list) else round(value, 2)


def row(name: str, measures: dict[str, Any]) -> str:
    """Return a style's row of the table."""
    strokes, alexnet = (" / ".join(f"{each:.2f}" for each in measures[key]) for key in ("strokes", "alexnet"))
    figures = " | ".join(f"{measures[key]:.2f}" for key in ("contrast", "chroma", "hatch", "colour"))
    edges = f"{measures['edges']:.2f} ({measures['least_edges']:.2f})"
    return f"| {name} | {measures['rank']:.2f} | {strokes} | {edges} | {figures} | {alexnet} |"


def write(name: str, measures: dict[str, Any], *, film: bool) -> None:
    """Put the figures into the checkpoint's header, where cards take them from."""
    path = style_paths()[name + FOR_VIDEO if film else name]
    checkpoint = load_checkpoint(path)
    metadata = checkpoint.metadata.model_copy(update={"measures": measures})
    save_checkpoint(path, checkpoint.network, metadata)


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paintings", type=Path, help="folder of the style images, named as in the headers")
    parser.add_argument("photos", type=Path, help="folder of photos that no training saw")
    parser.add_argument("--film", action="store_true", help="the styles' networks for video")
    parser.add_argument("--write", action="store_true", help="put the figures into the checkpoints' headers")
    parser.add_argument("--only", nargs="*", help="names of styles")
    return parser.parse_args()


if __name__ == "__main__":
    main()
