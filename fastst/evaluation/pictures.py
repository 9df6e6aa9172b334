"""Measure a style's network on photos that its training never saw.

Also: how many iterations of the slow method one forward pass is worth (Johnson et al. 2016, figure 5).
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fastst.errors import FaststError, UsageError
from fastst.evaluation.evaluator import Evaluator, Scores, mean_scores
from fastst.evaluation.settings import EvaluateOptions
from fastst.files import StrPath
from fastst.images.finding import find_pictures
from fastst.images.pictures import LEAST_FOR_LOSSES, check_size
from fastst.images.tensors import read_tensor
from fastst.loss_network import find_weights, load_loss_network, load_weights
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.losses.objective import Objective
from fastst.losses.regions import read_style_mask
from fastst.losses.settings import ObjectiveSettings, recorded_objective
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.styles import load_style
from fastst.optimization.search import IterationReport, optimize_image
from fastst.optimization.settings import OptimizationSettings, Start
from fastst.settings import validated
from fastst.stylize.stylizer import Stylizer, pick_device

_DEFAULT = EvaluateOptions()
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evaluation:
    """Every photo's score by file name, their mean, and the files that could not be read.

    ``least_edges`` is the photo's of which least is left. ``weights`` are those of the objective's terms;
    the Laplacian is a term there, but no figure of its own.
    """

    weights: dict[str, float]
    mean: Scores
    least_edges: float
    photos: dict[str, Scores]
    failed: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings and numbers, for JSON."""
        return asdict(self)


def evaluate(
    style: StrPath,
    *,
    painting: StrPath,
    photos: Sequence[StrPath],
    size: int = _DEFAULT.size,
    equivalence_sizes: Sequence[int] = _DEFAULT.equivalence_sizes,
    equivalence_photos: int = _DEFAULT.equivalence_photos,
    equivalence_limit: int = _DEFAULT.equivalence_limit,
    loss_network_weights: Path | None = _DEFAULT.loss_network_weights,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Measure a style on photos that its training never saw.

    Args:
        style: an installed style's name, or a checkpoint's path.
        painting: the painting that it was trained on; a style mask of the training is looked for beside it.
        photos: picture files and folders of them.
        size: the photos' long side in pixels.
        equivalence_sizes: long sides at which to count L-BFGS iterations; empty: not at all.
        equivalence_photos: how many of the photos to count them on.
        equivalence_limit: iterations at which to give up.
        loss_network_weights: VGG-16 as safetensors; None finds them.
        on_photo: called with the photos done and their number.

    Returns:
        ``mean`` and ``photos`` with the figures of ``fastst.evaluation.evaluator.Scores``, the
        ``least_edges`` of a photo, ``weights`` of the objective's terms, ``failed`` files with reasons,
        ``equivalence`` as a list of ``Equivalence``.

    Raises:
        UsageError: if there is no such style, or there are no photos.
        FaststError: if a file cannot be read.
    """
    checkpoint = load_style(os.fspath(style))
    device, settings = pick_device(), objective_settings(checkpoint)
    style_image = read_tensor(
        painting, size=checkpoint.metadata.training.get("style_size", 320), least=LEAST_FOR_LOSSES
    ).to(device)
    evaluator = Evaluator(
        style_image,
        settings,
        loss_network=load_loss_network(settings.layers, path=loss_network_weights).to(device),
        second_network=AlexNetFeatures(load_weights(find_weights("alexnet"))).to(device),
        large_painting=read_tensor(painting, size=size),
        style_mask=trained_style_mask(checkpoint, Path(painting), style_image),
    )
    files = [Path(photo) for photo in photos]
    evaluation = evaluate_files(checkpoint, files, evaluator, size=size, on_photo=on_photo)
    readable = [Path(name) for name in evaluation.photos][:equivalence_photos]
    equivalences = measure_equivalences(
        checkpoint, readable, evaluator.objective, sizes=equivalence_sizes, limit=equivalence_limit
    )
    return {**evaluation.as_dict(), "equivalence": [asdict(found) for found in equivalences]}


def objective_settings(checkpoint: Checkpoint) -> ObjectiveSettings:
    """Return the objective that the checkpoint was trained with."""
    trained_on = recorded_objective(checkpoint.metadata.training.get("objective", {}))
    return validated(ObjectiveSettings, trained_on, origin=f"checkpoint {checkpoint.metadata.title}")


def trained_style_mask(checkpoint: Checkpoint, painting_file: Path, painting: Tensor) -> Tensor | None:
    """Return the style mask that the checkpoint was trained with, (1, 1, h, w); None without one.

    The header knows its file by name alone, so it is looked for beside the painting; where it cannot be used,
    one line of the log says so.

    Args:
        checkpoint: the style.
        painting_file: where the painting was read from.
        painting: (1, 3, H, W), RGB in [0, 1].
    """
    name = checkpoint.metadata.training.get("style_mask")
    if name is None:
        return None
    try:
        return read_style_mask(painting_file.parent / Path(str(name)).name, painting)
    except FaststError as error:
        _log.warning(
            "judged by all of the painting, as its style mask is not beside it or no good: %s", error
        )
        return None


def evaluate_files(
    checkpoint: Checkpoint,
    photos: Sequence[Path],
    evaluator: Evaluator,
    *,
    size: int,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Stylize every photo, its long side ``size`` px, and judge what comes out.

    Raises:
        UsageError: if there are no photos.
        FaststError: if none of them can be read.
    """
    files = [file for file, _ in find_pictures(photos)]
    if not files:
        raise UsageError(
            f"{', '.join(map(str, photos))}: no photos to evaluate on; give a folder of pictures"
        )
    check_size(size)
    stylizer = Stylizer(checkpoint.network, checkpoint.metadata.model_dump(), device=evaluator.device)
    scores: dict[str, Scores] = {}
    failed: dict[str, str] = {}
    for done, file in enumerate(files, start=1):
        try:
            photo = read_tensor(file, size=size, least=LEAST_FOR_LOSSES).to(evaluator.device)
            scores[str(file)] = evaluator(stylizer.stylize(photo), photo)
        except FaststError as error:
            told = str(error)
            failed[str(file)] = told if str(file) in told else f"{file}: {told}"
        on_photo(done, len(files))
    if not scores:
        raise FaststError(f"{next(iter(failed.values()))}; no photo could be read")
    return Evaluation(
        weights=_weights(evaluator.objective.settings),
        mean=mean_scores(list(scores.values())),
        least_edges=min(score.edges for score in scores.values()),
        photos=scores,
        failed=failed,
    )


def _weights(settings: ObjectiveSettings) -> dict[str, float]:
    return {
        "content": settings.content_weight,
        "laplacian": settings.laplacian_weight,
        "style": settings.style_weight,
        "variation": settings.tv_weight,
    }


@dataclass(frozen=True)
class Equivalence:
    """The iterations of L-BFGS that reach the network's objective; None if the limit did not suffice.

    ``seconds`` is what the optimizer took, ``network_seconds`` the one forward pass.
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
    """Run the optimizer until it is as good as the network's picture.

    Args:
        photo: (1, 3, H, W), RGB in [0, 1].
        network: stylizes it, (1, 3, H, W) to the same.
        objective: the one that the network was trained on.
        name: what to call the photo in the result.
        start: "noise" as in the paper's figure, or "photo".
        limit: iterations at which to give up.
    """
    began = time.perf_counter()
    stylized = network(photo)
    _finish_work(photo)
    network_seconds = time.perf_counter() - began
    goal = float(objective(stylized, objective.target(photo)).total)
    best, first_below = float("inf"), None

    def watch(report: IterationReport) -> bool:
        nonlocal best, first_below
        best = min(best, report.total)
        if report.total <= goal:
            # The objective before iteration n is what n − 1 iterations have reached.
            first_below = report.step - 1
        return first_below is not None

    settings = OptimizationSettings(steps=limit + 1, method="lbfgs", start=start)
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
            photo = read_tensor(file, size=size, least=LEAST_FOR_LOSSES).to(objective.device)
            stylizer.stylize(photo)  # so that no first call's set-up is timed
            starts: tuple[Start, ...] = ("noise", "photo")
            for start in starts:
                yield lbfgs_equivalence(
                    photo, stylizer.stylize, objective, name=file.name, start=start, limit=limit
                )
