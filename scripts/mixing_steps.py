"""Show that mixed styles lie between: the style error to both paintings, in five steps from one to the other.

python scripts/mixing_steps.py --styles ../shared/styles --photos ../shared/photos/heldout
"""

import argparse
from pathlib import Path

import torch

from fastst import load
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings

_PAIRS = (
    "starry-night+the-scream",
    "great-wave+composition-vii",
    "wheat-field+shipwreck",
    "udnie+water-lilies",
)


def main() -> None:
    """Print the mean style error of the photos to each painting of each pair."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--styles", type=Path, required=True, help="folder of paintings, great_wave.jpg")
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--count", type=int, default=4, help="of the photos")
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--pairs", nargs="+", default=_PAIRS)
    arguments = parser.parse_args()
    settings = ObjectiveSettings()
    loss_network = load_loss_network(settings.layers)
    files = [file for file, _ in find_pictures([arguments.photos])][: arguments.count]
    photos = [read_tensor(file, size=arguments.size) for file in files]
    for pair in arguments.pairs:
        names = pair.split("+")
        paintings = [
            read_tensor(arguments.styles / f"{name.replace('-', '_')}.jpg", size=400) for name in names
        ]
        objectives = [Objective(loss_network, painting, settings) for painting in paintings]
        errors: list[list[float]] = [[], []]
        for step in range(5):
            stylizer = load(f"{names[0]}:{4 - step}+{names[1]}:{step}")
            painted = [stylizer(photo[0])[None] for photo in photos]
            for objective, row in zip(objectives, errors, strict=True):
                row.append(_style_error(objective, photos, painted))
        rises = errors[0] == sorted(errors[0])
        falls = errors[1] == sorted(errors[1], reverse=True)
        for name, row in zip(names, errors, strict=True):
            print(f"{pair}, to {name}: {' '.join(f'{value:.3f}' for value in row)}", flush=True)
        print(f"{pair}: {'monotone' if rises and falls else 'not monotone'}", flush=True)


@torch.no_grad()
def _style_error(objective: Objective, photos: list[torch.Tensor], painted: list[torch.Tensor]) -> float:
    terms = [
        objective.unweighted(picture, objective.target(photo)).means["style"]
        for photo, picture in zip(photos, painted, strict=True)
    ]
    return sum(terms) / len(terms)


if __name__ == "__main__":
    main()
