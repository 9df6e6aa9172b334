"""Find each style statistic's calibration: at which factor it is as strong as the Gram matrix at 1.

As strong means that the optimizer, after the same number of iterations, has taken the photo as far from
itself as the Gram matrix has, by the content term. The factor is found for each photo and painting apart;
the geometric mean over them goes into the statistic's ``calibration``.

Usage: python scripts/calibrate_statistics.py PAINTING [PAINTING ...] [--statistics mrf texture]
"""

import argparse
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import skimage
import torch
from torch import Tensor

from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.losses.statistics.registry import STATISTICS
from fastst.optimization.search import optimize_image
from fastst.optimization.settings import OptimizationSettings

_PHOTOS = ("chelsea.png", "rocket.jpg")
_STYLE_SIZE = 320
# The content term grows about with this power of the strength: the search begins with it.
_POWER = 0.6


def main() -> None:
    """Print the factors, to be multiplied onto the calibrations that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paintings", type=Path, nargs="+")
    parser.add_argument("--statistics", nargs="+", default=[name for name in STATISTICS if name != "gram"])
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    loss_network = load_loss_network(ObjectiveSettings().layers, path=arguments.loss_network_weights)
    folder = Path(skimage.__file__).parent / "data"
    factors: dict[str, list[float]] = {name: [] for name in arguments.statistics}
    for photo_name in _PHOTOS:
        photo = read_tensor(folder / photo_name, size=arguments.size)
        for painting_file in arguments.paintings:
            painting = read_tensor(painting_file, size=_STYLE_SIZE)
            goal = content_reached(loss_network, photo, painting, {"gram": 1.0}, arguments.steps)
            print(
                f"{photo_name}, {painting_file.name}: the Gram matrix reaches content {goal:.4f}", flush=True
            )
            for name, found in factors.items():
                trials: list[tuple[float, float]] = []
                for _ in range(arguments.trials):
                    factor = next_factor(trials, goal)
                    content = content_reached(loss_network, photo, painting, {name: factor}, arguments.steps)
                    trials.append((factor, content))
                found.append(next_factor(trials, goal))
                print(f"  {name}: {found[-1]:.3f} (last trial {content:.4f})", flush=True)
    for name, found in factors.items():
        mean = math.exp(statistics.fmean(map(math.log, found)))
        calibration = STATISTICS[name].calibration * mean
        print(f"{name}: times {mean:.3g} ({min(found):.3g} to {max(found):.3g}), so {calibration:.3g}")


def next_factor(trials: Sequence[tuple[float, float]], goal: float) -> float:
    """Return the factor to try after those that gave these content terms: a secant in logarithms."""
    if not trials:
        return 1.0
    factor, content = trials[-1]
    power = _POWER
    if len(trials) > 1 and trials[-2][0] != factor:
        before, content_before = trials[-2]
        power = math.log(content / content_before) / math.log(factor / before)
    return factor * (goal / content) ** (1 / min(max(power, _POWER / 2), 2 * _POWER))


def content_reached(
    loss_network: LossNetwork, photo: Tensor, painting: Tensor, style_loss: dict[str, float], steps: int
) -> float:
    """Return the content term of the optimizer's picture."""
    objective = Objective(loss_network, painting, ObjectiveSettings(style_loss=style_loss))
    stylized = optimize_image(photo, objective, OptimizationSettings(steps=steps))
    with torch.no_grad():
        return float(objective(stylized, objective.target(photo)).content)


if __name__ == "__main__":
    main()
