"""The reference: gradient descent on the pixels of one picture (Gatys et al. 2015)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from fastst.errors import FaststError
from fastst.losses.objective import Objective, Terms

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
    target = objective.content_features(content_image)
    image = _starting_image(content_image, style_image, settings).requires_grad_()
    optimizer = _optimizer(image, settings)
    report: IterationReport | None = None
    stopped = False

    def closure() -> float:
        nonlocal report, stopped
        with torch.no_grad():
            image.clamp_(0, 1)
        optimizer.zero_grad()
        terms = objective(image, target, content_image=content_image)
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
