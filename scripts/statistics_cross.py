"""Train a network on each of several style statistics and judge each by all of them, on held-out photos.

Painting, photos, steps, seed and initialisation are equal; only the statistic differs. A cell is the style
term of the column's statistic, calibrated so that strengths compare, summed over the layers and averaged over
the held-out photos. A star marks a column's best network; the last row is that of the untouched photos.

Usage: python scripts/statistics_cross.py PAINTING HELDOUT OUT [--steps 1000] [--size 128] [--data PHOTOS]

Ctrl-C saves; the same command goes on. A network that is in OUT already is not trained again.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

import fastst
from fastst.cli.progress import training_progress
from fastst.files import atomic_path
from fastst.images.finding import find_pictures
from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective, Target
from fastst.losses.settings import ObjectiveSettings
from fastst.training.state import state_path

_STATISTICS = ("gram", "covariance", "moments", "sliced-wasserstein")
_NO_NETWORK = "photos as they are"


@dataclass(frozen=True)
class Row:
    """One network's mean terms on the held-out photos: the content, and each statistic's style."""

    content: float
    style: dict[str, float]


def main() -> None:
    """Train what is missing, print the table and keep it in OUT as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("painting", type=Path)
    parser.add_argument("heldout", type=Path, help="folder to judge on")
    parser.add_argument("out", type=Path, help="folder for the checkpoints and the table")
    parser.add_argument("--data", default="synthetic", help="folder of photos to train on")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--size", type=int, default=128, help="side of the training crops in pixels")
    parser.add_argument("--heldout-size", type=int, default=384, help="long side to judge at in pixels")
    parser.add_argument("--init", default="base", help="start from this style's network, or from nothing")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--statistics", nargs="+", default=list(_STATISTICS))
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    checkpoints = {name: train(name, arguments) for name in arguments.statistics}
    rows = judge(checkpoints, arguments)
    print_table(rows, arguments.statistics)
    with atomic_path(arguments.out / "cross.json") as file:
        file.write_text(json.dumps({name: vars(row) for name, row in rows.items()}, indent=2))


def train(name: str, arguments: argparse.Namespace) -> Path:
    """Return the checkpoint of the network that is trained on the statistic; go on where it stopped."""
    checkpoint: Path = arguments.out / f"{name}.safetensors"
    if checkpoint.exists():
        return checkpoint
    with training_progress() as on_step:
        fastst.train(
            arguments.painting,
            checkpoint,
            title=name,
            resume=state_path(checkpoint).exists(),
            data=arguments.data,
            steps=arguments.steps,
            size=arguments.size,
            batch=4,
            init=arguments.init,
            precision=arguments.precision,
            objective={"style_loss": name},
            loss_network_weights=arguments.loss_network_weights,
            on_step=on_step,
        )
    return checkpoint


def judge(checkpoints: dict[str, Path], arguments: argparse.Namespace) -> dict[str, Row]:
    """Return every network's row, and that of the photos themselves."""
    stylizers = {name: fastst.load(checkpoint) for name, checkpoint in checkpoints.items()}
    settings = {name: ObjectiveSettings(style_loss={name: 1.0}) for name in checkpoints}
    device = next(iter(stylizers.values())).device
    loss_network = load_loss_network(ObjectiveSettings().layers, path=arguments.loss_network_weights).to(
        device
    )
    painting = read_tensor(arguments.painting, size=320).to(device)
    objectives = {name: Objective(loss_network, painting, each) for name, each in settings.items()}
    found: dict[str, list[Row]] = {name: [] for name in (*checkpoints, _NO_NETWORK)}
    for file, _ in find_pictures([arguments.heldout]):
        photo = read_tensor(file, size=arguments.heldout_size).to(device)
        target = next(iter(objectives.values())).target(photo)
        for name, rows in found.items():
            picture = photo if name == _NO_NETWORK else stylizers[name].stylize(photo)
            rows.append(judge_picture(picture, target, objectives))
    return {name: mean_row(rows) for name, rows in found.items()}


@torch.no_grad()
def judge_picture(picture: Tensor, target: Target, objectives: dict[str, Objective]) -> Row:
    """Return the terms of one picture, (1, 3, H, W), against what it is to keep of its photo."""
    terms = {name: each(picture, target) for name, each in objectives.items()}
    style = {name: float(each.style) for name, each in terms.items()}
    return Row(float(next(iter(terms.values())).content), style)


def mean_row(rows: list[Row]) -> Row:
    """Return the mean of every figure."""
    style = {name: fmean(row.style[name] for row in rows) for name in rows[0].style}
    return Row(fmean(row.content for row in rows), style)


def print_table(rows: dict[str, Row], names: list[str]) -> None:
    """Print the terms, a star at each column's best, and the mean of a row's terms over its column's best."""
    best = {name: min(rows[row].style[name] for row in names) for name in names}
    print(
        f"{'trained on':20}" + "".join(f"{name:>20}" for name in names) + f"{'mean / best':>13}{'content':>9}"
    )
    for title, row in rows.items():
        cells = "".join(
            f"{row.style[name]:19.4f}{'*' if row.style[name] == best[name] else ' '}" for name in names
        )
        mean = fmean(row.style[name] / best[name] for name in names)
        print(f"{title:20}{cells}{mean:13.3f}{row.content:9.4f}")


if __name__ == "__main__":
    main()
