"""How many iterations of the slow method one forward pass is worth (Johnson et al. 2016, figure 5)."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from fastst.checkpoint import Checkpoint
from fastst.images import read_tensor
from fastst.losses.objective import Objective
from fastst.optimization import IterationReport, OptimizationSettings, Start, optimize_image
from fastst.stylizer import Stylizer


@dataclass(frozen=True)
class Equivalence:
    """The iterations of L-BFGS that reach the network's objective; None if the limit did not suffice.

    ``seconds`` is what the optimiser took, ``network_seconds`` the one forward pass.
    """

    photo: str
    size: int
    start: Start
    network_objective: float
    iterations: int | None
    limit: int
    reached: float
    seconds: float
    network_seconds: float


def lbfgs_equivalence(
    photo: Tensor,
    network: Callable[[Tensor], Tensor],
    objective: Objective,
    *,
    name: str,
    start: Start,
    limit: int,
) -> Equivalence:
    """Run the optimiser until it is as good as the network's picture.

    Args:
        photo: (1, 3, H, W), RGB in [0, 1].
        network: repaints it, (1, 3, H, W) to the same.
        objective: the one that the network was trained on.
        name: what to call the photo in the result.
        start: "noise" as in the paper's figure, or "photo".
        limit: iterations at which to give up.
    """
    began = time.perf_counter()
    stylised = network(photo)
    _finish_work(photo)
    network_seconds = time.perf_counter() - began
    goal = float(objective(stylised, objective.content_features(photo), content_image=photo).total)
    best, first_below = float("inf"), None

    def watch(report: IterationReport) -> bool:
        nonlocal best, first_below
        best = min(best, report.total)
        if report.total <= goal:
            # The objective before iteration n is what n − 1 iterations have reached.
            first_below = report.step - 1
        return first_below is not None

    settings = OptimizationSettings(steps=limit + 1, start=start)
    began = time.perf_counter()
    optimize_image(photo, objective, settings, on_iteration=watch)
    return Equivalence(
        photo=name,
        size=max(photo.shape[-2:]),
        start=start,
        network_objective=goal,
        iterations=first_below,
        limit=limit,
        reached=best,
        seconds=time.perf_counter() - began,
        network_seconds=network_seconds,
    )


def _finish_work(picture: Tensor) -> None:
    """Wait for a GPU, which answers before it is done, so that times are true."""
    if picture.is_cuda:
        torch.cuda.synchronize()


def measure_equivalences(
    checkpoint: Checkpoint, photos: Sequence[Path], objective: Objective, *, sizes: Sequence[int], limit: int
) -> Iterator[Equivalence]:
    """Yield the equivalence for every size (long side, px), photo and start, as each is found."""
    stylizer = Stylizer(checkpoint.network, checkpoint.metadata.model_dump(), device=objective.device)
    for size in sizes:
        for file in photos:
            photo = read_tensor(file, size=size).to(objective.device)
            stylizer.stylize(photo)  # so that no first call's set-up is timed
            starts: tuple[Start, ...] = ("noise", "photo")
            for start in starts:
                yield lbfgs_equivalence(
                    photo, stylizer.stylize, objective, name=file.name, start=start, limit=limit
                )
