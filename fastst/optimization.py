"""The reference: gradient descent on the pixels of one picture (Gatys et al. 2015)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from fastst.errors import FaststError
from fastst.files import StrPath, refuse_overwriting
from fastst.images.pictures import Picture, check_output_suffix, read_tensor, to_image, write_picture
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective, Terms
from fastst.losses.regions import Pair, mask_files, read_regions
from fastst.losses.settings import ObjectiveSettings
from fastst.settings import validated
from fastst.stylize.stylizer import pick_device

Method = Literal["lbfgs", "adam"]
Start = Literal["photo", "noise", "style"]


class OptimizationSettings(BaseModel):
    """How the reference optimiser searches; what it minimises is the objective's business."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(300, ge=1)
    method: Method = "lbfgs"
    start: Start = "photo"
    learning_rate: float = Field(0.02, gt=0)
    """Adam's step, in shares of the pixel range; L-BFGS finds its own."""
    history: int = Field(20, ge=1)
    seed: int = Field(0, ge=0)


@dataclass(frozen=True)
class IterationReport:
    """One iteration: its number from 1, the objective's terms before it, and the picture then."""

    step: int
    terms: Terms
    image: Tensor

    @property
    def total(self) -> float:
        """The objective."""
        return float(self.terms.total.detach().sum())


def optimize(
    photo: StrPath,
    painting: StrPath,
    *,
    size: int = 512,
    style_size: int = 320,
    regions: Sequence[Pair] = (),
    loss_network_weights: Path | None = None,
    objective: Mapping[str, Any] | None = None,
    on_iteration: Callable[[IterationReport], bool | None] = lambda report: None,
    **settings: Any,
) -> Image.Image:
    """Repaint a photo by gradient descent on its pixels (Gatys et al. 2015), the reference method.

    Args:
        photo: the content image's path.
        painting: the style image's path.
        size: the result's long side in pixels.
        style_size: the painting's long side in pixels, which sets the scale of the strokes.
        regions: pairs of mask files that send a part of the painting to a part of the photo, such as
            ``("sky.png", "painting_sky.png")``; see ``fastst.losses.regions.read_regions``. Without
            any, the whole painting goes everywhere.
        loss_network_weights: VGG-16 as safetensors; None finds them.
        objective: fields of ``fastst.losses.settings.ObjectiveSettings``.
        on_iteration: called at each iteration; returning True ends the search.
        settings: fields of ``OptimizationSettings``, such as ``steps=300``.

    Returns:
        The stylised picture, RGB.

    Raises:
        UsageError: for a setting that is unknown or out of range.
        FaststError: if a file cannot be read.
    """
    search = validated(OptimizationSettings, settings, origin="optimize")
    goal = validated(ObjectiveSettings, _given(objective or {}), origin="objective")
    device = pick_device()
    content_image = read_tensor(photo, size=size).to(device)
    style_image = read_tensor(painting, size=style_size).to(device)
    paired = read_regions(regions, photo=content_image, style_image=style_image) if regions else ()
    loss_network = load_loss_network(goal.layers, path=loss_network_weights).to(device)
    result = optimize_image(
        content_image,
        Objective(loss_network, style_image, goal, regions=paired),
        search,
        style_image=style_image,
        on_iteration=lambda report: bool(on_iteration(report)),
    )
    return to_image(result[0].cpu())


def optimize_file(
    photo: StrPath,
    painting: StrPath,
    output: StrPath,
    *,
    regions: Sequence[Pair] = (),
    save_every: int = 0,
    on_iteration: Callable[[IterationReport], bool | None] = lambda report: None,
    **settings: Any,
) -> None:
    """Do as ``optimize`` and write the picture, also every ``save_every`` iterations if that is not 0.

    Raises:
        UsageError: as ``optimize``, and if the output would overwrite what it is made from.
        FaststError: if a file cannot be read or written.
    """
    check_output_suffix(output)
    refuse_overwriting([output], [photo, painting, *mask_files(regions)])

    def watch(report: IterationReport) -> bool | None:
        if save_every and report.step % save_every == 0:
            write_picture(Picture(rgb=to_image(report.image[0].cpu())), output)
        return on_iteration(report)

    picture = optimize(photo, painting, regions=regions, on_iteration=watch, **settings)
    write_picture(Picture(rgb=picture), output)


def optimize_image(
    content_image: Tensor,
    objective: Objective,
    settings: OptimizationSettings,
    *,
    style_image: Tensor | None = None,
    on_iteration: Callable[[IterationReport], bool] = lambda report: False,
) -> Tensor:
    """Return the picture that minimises the objective, after ``settings.steps`` iterations at most.

    An L-BFGS iteration is one evaluation of the objective and its gradient and one step of full
    length; the pixels are clipped to [0, 1] at each, as in Johnson et al. 2016, figure 5.

    Args:
        content_image: (1, 3, H, W), RGB in [0, 1].
        objective: what to minimise.
        settings: method, start and length.
        style_image: (1, 3, h, w), needed for ``start="style"``; it is resized to the photo.
        on_iteration: called at each; returning True ends the search there.

    Returns:
        (1, 3, H, W), RGB in [0, 1].
    """
    target = objective.target(content_image)
    image = _starting_image(content_image, style_image, settings).requires_grad_()
    optimizer = _optimizer(image, settings)
    report: IterationReport | None = None
    stopped = False

    def closure() -> float:
        nonlocal report, stopped
        with torch.no_grad():
            image.clamp_(0, 1)
        optimizer.zero_grad()
        terms = objective(image, target)
        total = terms.total.sum()
        total.backward()
        report = IterationReport((report.step if report else 0) + 1, terms, image.detach().clone())
        if not math.isfinite(report.total):
            raise FaststError(f"iteration {report.step}: the search diverged; try --method adam")
        stopped = on_iteration(report)
        return report.total

    while not stopped and (report is None or report.step < settings.steps):
        optimizer.step(closure)
        if settings.method == "lbfgs":
            optimizer.param_groups[0]["lr"] = 1.0
    # Told to stop, the picture is the one of that report, not the one a step further.
    return report.image if stopped and report else image.detach().clamp(0, 1)


def _optimizer(image: Tensor, settings: OptimizationSettings) -> torch.optim.Optimizer:
    if settings.method == "adam":
        return torch.optim.Adam([image], lr=settings.learning_rate)
    # One iteration a call, so that a search can end at any of them; the history carries over. In the
    # first, torch makes the step's absolute sum equal to lr: a hundredth a pixel, since steps that are lost
    # in rounding would leave nothing to estimate the curvature from.
    return torch.optim.LBFGS(
        [image],
        lr=0.01 * image.numel(),
        max_iter=1,
        max_eval=1,
        history_size=settings.history,
        tolerance_grad=0,
        tolerance_change=0,
    )


def _starting_image(
    content_image: Tensor, style_image: Tensor | None, settings: OptimizationSettings
) -> Tensor:
    """Return a fresh contiguous picture: L-BFGS flattens its gradient."""
    if settings.start == "noise":
        generator = torch.Generator().manual_seed(settings.seed)
        noise = torch.rand(content_image.shape, generator=generator)
        return noise.to(content_image.device)
    if settings.start == "style":
        if style_image is None:
            raise ValueError("start='style' needs the style image")
        size = content_image.shape[-2:]
        return torch.nn.functional.interpolate(style_image, size=size, mode="bilinear").contiguous()
    return content_image.detach().clone(memory_format=torch.contiguous_format)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
