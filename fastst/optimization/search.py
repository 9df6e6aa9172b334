"""The search for the picture that minimizes an objective: by Adam on logits, or by L-BFGS on pixels."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.engines.hardware import multiplies_in_bf16
from fastst.errors import FaststError
from fastst.losses.objective import LossTerms, Objective, Target, at_scale
from fastst.optimization.settings import OptimizationSettings

# Adam moves logits, in which no pixel can leave [0, 1]; at the ends of the range they are infinite.
_DARKEST, _BRIGHTEST = 0.02, 0.98
_BETAS = (0.9, 0.99)
_LAST_RATE = 0.03
# With a shorter side in px at half size, there is nothing to be decided there first.
_LEAST_SIDE = 96


@dataclass(frozen=True)
class IterationReport:
    """One iteration: its number from 1, the objective's terms before it, and the picture then."""

    step: int
    terms: LossTerms
    image: Tensor

    @property
    def total(self) -> float:
        """The objective."""
        return float(self.terms.total.detach().sum())


OnIteration = Callable[[IterationReport], bool | None]


def optimize_image(
    content_image: Tensor,
    objective: Objective,
    settings: OptimizationSettings,
    *,
    style_image: Tensor | None = None,
    on_iteration: OnIteration = lambda report: False,
) -> Tensor:
    """Return the picture that minimizes the objective, after ``settings.steps`` iterations at most.

    Adam starts at half size, where it is cheap; see ``OptimizationSettings``. An L-BFGS iteration is one
    evaluation of the objective and its gradient and one step of full length; the pixels are clipped to
    [0, 1] at each, as in Johnson et al. 2016, figure 5.

    Args:
        content_image: (1, 3, H, W), RGB in [0, 1].
        objective: what to minimize.
        settings: method, start and length.
        style_image: (1, 3, h, w), needed for ``start="style"``; it is resized to the photo.
        on_iteration: called at each; returning True ends the search there.

    Returns:
        (1, 3, H, W), RGB in [0, 1].
    """
    recolored = objective.recolored(content_image)
    image = _starting_image(recolored, style_image, settings)
    search = _Search(objective, on_iteration, bf16=settings.method == "adam")
    if settings.method == "lbfgs":
        return _by_lbfgs(image, objective.target_of(recolored), search, settings)
    coarse_steps = round(settings.coarse * settings.steps)
    is_large = min(image.shape[-2:]) >= 2 * _LEAST_SIDE and len(objective.settings.scales) > 1
    if coarse_steps and is_large:
        small = objective.target_of(at_scale(recolored, 1), first_scale=1)
        found = _by_adam(at_scale(image, 1), small, search, settings, until=coarse_steps, scale=2)
        image = F.interpolate(found, image.shape[-2:], mode="bicubic").clamp(0, 1)
    return _by_adam(image, objective.target_of(recolored), search, settings, until=settings.steps)


class _Search:
    """Evaluates the objective and its gradient, and tells of each iteration."""

    def __init__(self, objective: Objective, on_iteration: OnIteration, *, bf16: bool) -> None:
        self.objective = objective
        self.on_iteration = on_iteration
        self.step = 0
        self.stopped = False
        # The loss network at half the time; L-BFGS is led astray by its rounding.
        self._bf16 = bf16 and multiplies_in_bf16(objective.device.type)
        # Told to stop, the picture is the one of that report, not the one a step further.
        self.last: Tensor | None = None

    def evaluate(self, image: Tensor, target: Target, *, shown: Callable[[Tensor], Tensor]) -> float:
        """Back-propagate the objective of an image, and report it as it is to be shown."""
        device = image.device.type
        with torch.autocast(device, torch.bfloat16, enabled=self._bf16):
            terms = self.objective(image, target)
            total = terms.total.sum()
        total.backward()
        self.step += 1
        self.last = image.detach().clone()
        report = IterationReport(self.step, terms, shown(self.last))
        if not math.isfinite(report.total):
            raise FaststError(f"iteration {self.step}: the search diverged; try a lower --learning-rate")
        self.stopped = bool(self.on_iteration(report))
        return report.total


def _by_adam(
    image: Tensor,
    target: Target,
    search: _Search,
    settings: OptimizationSettings,
    *,
    until: int,
    scale: int = 1,
) -> Tensor:
    """Move the logits of the pixels by Adam until step ``until``; reports show them enlarged by ``scale``."""
    logits = torch.logit(image.clamp(_DARKEST, _BRIGHTEST)).requires_grad_()
    optimizer = torch.optim.Adam([logits], lr=settings.learning_rate, betas=_BETAS)
    while search.step < until and not search.stopped:
        cosine = 0.5 * (1 + math.cos(math.pi * search.step / settings.steps))
        optimizer.param_groups[0]["lr"] = settings.learning_rate * (_LAST_RATE + (1 - _LAST_RATE) * cosine)
        optimizer.zero_grad()
        search.evaluate(torch.sigmoid(logits), target, shown=lambda picture: _enlarged(picture, scale))
        if not search.stopped:
            optimizer.step()
    return torch.sigmoid(logits.detach())


def _by_lbfgs(image: Tensor, target: Target, search: _Search, settings: OptimizationSettings) -> Tensor:
    image.requires_grad_()
    # One iteration a call, so that a search can end at any of them; the history carries over. In the
    # first, torch makes the step's absolute sum equal to lr: a hundredth a pixel, since steps that are lost
    # in rounding would leave nothing to estimate the curvature from.
    optimizer = torch.optim.LBFGS(
        [image],
        lr=0.01 * image.numel(),
        max_iter=1,
        max_eval=1,
        history_size=settings.history,
        tolerance_grad=0,
        tolerance_change=0,
    )

    def closure() -> float:
        with torch.no_grad():
            image.clamp_(0, 1)
        optimizer.zero_grad()
        return search.evaluate(image, target, shown=lambda picture: picture)

    while not search.stopped and search.step < settings.steps:
        optimizer.step(closure)
        optimizer.param_groups[0]["lr"] = 1.0
    if search.stopped and search.last is not None:
        return search.last
    return image.detach().clamp(0, 1)


def _starting_image(recolored: Tensor, style_image: Tensor | None, settings: OptimizationSettings) -> Tensor:
    """Return a fresh contiguous picture: L-BFGS flattens its gradient."""
    if settings.start == "noise":
        generator = torch.Generator().manual_seed(settings.seed)
        noise = torch.rand(recolored.shape, generator=generator)
        return noise.to(recolored.device)
    if settings.start == "style":
        if style_image is None:
            raise ValueError("start='style' needs the style image")
        size = recolored.shape[-2:]
        return F.interpolate(style_image, size=size, mode="bilinear").contiguous()
    return recolored.detach().clone(memory_format=torch.contiguous_format)


def _enlarged(picture: Tensor, scale: int) -> Tensor:
    if scale == 1:
        return picture
    return F.interpolate(picture, scale_factor=scale, mode="bicubic").clamp(0, 1)
