"""Seconds an iteration and peak memory of every style statistic, beside the Gram matrix's.

Each is measured in a process of its own: the median of the iterations after the first, and the largest
resident memory of the whole process (on a GPU, the largest memory that torch has allocated there).

Usage: python scripts/statistics_cost.py [--size 512] [--statistics mrf patches]
"""

import argparse
import itertools
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.losses.statistics.registry import STATISTICS
from fastst.optimization.search import IterationReport, optimize_image
from fastst.optimization.settings import OptimizationSettings
from fastst.stylize.stylizer import pick_device

# A painting of 4 : 3 at the default style size.
_STYLE = (240, 320)
_MIB = 2**20


def main() -> None:
    """Print the table, or measure the one statistic that ``--measure`` names and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=512, help="side of the square picture in pixels")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--statistics", nargs="+", default=list(STATISTICS))
    parser.add_argument("--loss-network-weights", type=Path)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure, arguments)))
        return
    names = list(dict.fromkeys(["gram", *arguments.statistics]))
    gram: dict[str, float] = {}
    print(f"{arguments.size} px, {pick_device()}, {torch.get_num_threads()} threads")
    for name in names:
        command = [sys.executable, *sys.argv, "--measure", name]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        gram = gram or found
        seconds, peak = found["seconds"], found["peak"]
        print(
            f"{name:20} {seconds:7.2f} s an iteration ({seconds / gram['seconds']:5.2f} times)"
            f" {peak / _MIB:7.0f} MiB ({peak / gram['peak']:5.2f} times)",
            flush=True,
        )


def measure(name: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Return seconds an iteration and the peak in bytes."""
    device = pick_device()
    generator = torch.Generator().manual_seed(0)
    photo = torch.rand(1, 3, arguments.size, arguments.size, generator=generator).to(device)
    painting = torch.rand(1, 3, *_STYLE, generator=generator).to(device)
    settings = ObjectiveSettings(style_loss={name: 1.0})
    loss_network = load_loss_network(settings.layers, path=arguments.loss_network_weights).to(device)
    times = [time.perf_counter()]

    def watch(report: IterationReport) -> bool:
        times.append(time.perf_counter())
        return False

    objective = Objective(loss_network, painting, settings)
    optimize_image(photo, objective, OptimizationSettings(steps=arguments.steps + 1), on_iteration=watch)
    seconds = [after - before for before, after in itertools.pairwise(times[1:])]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if device.type == "cuda":
        peak = torch.cuda.max_memory_allocated()
    return {"seconds": statistics.median(seconds), "peak": peak}


if __name__ == "__main__":
    main()
