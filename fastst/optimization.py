"""The reference: gradient descent on the pixels of one picture (Gatys et al. 2015)."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional as F

from fastst.engines.hardware import multiplies_in_bf16
from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, refuse_overwriting, refuse_replacing
from fastst.images.formats import check_output_suffix
from fastst.images.masks import resized_by_area
from fastst.images.pictures import LEAST_FOR_LOSSES, Picture, read_picture, write_picture
from fastst.images.tensors import read_tensor, to_image
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective, Target, Terms, at_scale
from fastst.losses.regions import Pair, Region, mask_files, read_regions
from fastst.losses.settings import ObjectiveSettings
from fastst.runtime import deferred_interrupt
from fastst.settings import validated
from fastst.stylize.stylizer import pick_device

Method = Literal["adam", "lbfgs"]
Start = Literal["photo", "noise", "style"]
# One painting, or several with weights.
Paintings = StrPath | Sequence[tuple[StrPath, float]]

# The loss network pads with zeros, which shows as a line of odd colours along the border: so pictures are
# made with a margin of so many pixels, which is cut off.
_MARGIN = 16
# Adam moves logits, in which no pixel can leave [0, 1]; at the ends of the range they are infinite.
_DARKEST, _BRIGHTEST = 0.02, 0.98
_BETAS = (0.9, 0.99)
_LAST_RATE = 0.03
# With a shorter side in px at half size, there is nothing to be decided there first.
_LEAST_SIDE = 96


class OptimizationSettings(BaseModel):
    """How the reference optimiser searches; what it minimises is the objective's business.

    The first ``coarse`` share of Adam's steps is made at half size, at a fifth of the cost: what is large is
    decided there, and a preview is there soon.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(100, ge=1)
    method: Method = "adam"
    start: Start = "photo"
    learning_rate: float = Field(0.12, gt=0)
    """Adam's first step, in logits of the pixels; it falls along half a cosine. L-BFGS finds its own."""
    coarse: float = Field(0.5, ge=0, lt=1)
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


OnIteration = Callable[[IterationReport], bool | None]


def optimize(
    photo: StrPath,
    painting: Paintings,
    *,
    size: int = 512,
    style_size: int = 400,
    regions: Sequence[Pair] = (),
    loss_network_weights: Path | None = None,
    objective: Mapping[str, Any] | None = None,
    on_iteration: OnIteration = lambda report: None,
    **settings: Any,
) -> Image.Image:
    """Repaint a photo by gradient descent on its pixels (Gatys et al. 2015), the reference method.

    Args:
        photo: the content image's path.
        painting: the style image's path, or pairs of paths and weights, whose styles are mixed.
        size: the result's long side in pixels.
        style_size: the paintings' long side in pixels, which sets the scale of the strokes.
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
        UsageError: for a setting that is unknown or out of range, or regions with several paintings.
        FaststError: if a file cannot be read.
    """
    search = validated(OptimizationSettings, settings, origin="optimize")
    goal = validated(ObjectiveSettings, _given(objective or {}), origin="objective")
    device = pick_device()
    content_image = read_tensor(photo, size=size, least=LEAST_FOR_LOSSES).to(device)
    mixed = [(painting, 1.0)] if isinstance(painting, (str, os.PathLike)) else list(painting)
    style_images = [
        read_tensor(path, size=style_size, least=LEAST_FOR_LOSSES).to(device) for path, _ in mixed
    ]
    paired: Sequence[Region] = _mixed(style_images, [weight for _, weight in mixed])
    if regions:
        if len(mixed) > 1:
            raise UsageError("regions are of one painting; leave out the others, or the regions")
        paired = read_regions(regions, photo=content_image, style_image=style_images[0])
    size_in_px = (content_image.shape[-2], content_image.shape[-1])
    loss_network = load_loss_network(goal.layers, path=loss_network_weights).to(device)
    result = optimize_image(
        _with_margin(content_image),
        Objective(
            loss_network,
            style_images[0],
            goal,
            regions=[_masked_with_margin(region, size_in_px) for region in paired],
        ),
        search,
        style_image=style_images[0],
        on_iteration=lambda report: on_iteration(
            replace(report, image=_without_margin(report.image, size_in_px))
        ),
    )
    return to_image(_without_margin(result, size_in_px)[0].cpu())


def optimize_file(
    photo: StrPath,
    painting: Paintings,
    output: StrPath,
    *,
    regions: Sequence[Pair] = (),
    save_every: int = 0,
    overwrite: bool = False,
    on_iteration: OnIteration = lambda report: None,
    **settings: Any,
) -> bool:
    """Do as ``optimize`` and write the picture, also every ``save_every`` iterations if that is not 0.

    Ctrl-C ends the search, and what is there by then is written.

    Returns:
        Whether it was ended by Ctrl-C.

    Raises:
        UsageError: as ``optimize``, and if the output would overwrite what it is made from, or is there
            already and ``overwrite`` is False.
        FaststError: if a file cannot be read or written.
    """
    check_output_suffix(output)
    sources = [painting] if isinstance(painting, (str, os.PathLike)) else [path for path, _ in painting]
    refuse_overwriting([output], [photo, *sources, *mask_files(regions)])
    refuse_replacing([output], overwrite=overwrite)
    with deferred_interrupt() as interrupted:

        def save(rgb: Image.Image) -> None:
            alpha = read_picture(photo).alpha
            kept = None if alpha is None else alpha.resize(rgb.size, Image.Resampling.LANCZOS)
            write_picture(Picture(rgb=rgb, alpha=kept), output)

        def watch(report: IterationReport) -> bool:
            if save_every and report.step % save_every == 0:
                save(to_image(report.image[0].cpu()))
            return bool(on_iteration(report)) or interrupted()

        picture = optimize(photo, painting, regions=regions, on_iteration=watch, **settings)
        save(picture)
        return interrupted()


def optimize_image(
    content_image: Tensor,
    objective: Objective,
    settings: OptimizationSettings,
    *,
    style_image: Tensor | None = None,
    on_iteration: OnIteration = lambda report: False,
) -> Tensor:
    """Return the picture that minimises the objective, after ``settings.steps`` iterations at most.

    Adam starts at half size, where it is cheap; see ``OptimizationSettings``. An L-BFGS iteration is one
    evaluation of the objective and its gradient and one step of full length; the pixels are clipped to
    [0, 1] at each, as in Johnson et al. 2016, figure 5.

    Args:
        content_image: (1, 3, H, W), RGB in [0, 1].
        objective: what to minimise.
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


def _with_margin(image: Tensor) -> Tensor:
    """Return (N, C, H, W) with a margin that mirrors it, as wide as there is something to mirror."""
    height, width = image.shape[-2:]
    down, across = min(_MARGIN, height - 1), min(_MARGIN, width - 1)
    return F.pad(image, (across, across, down, down), mode="reflect")


def _without_margin(image: Tensor, size: tuple[int, int]) -> Tensor:
    top, left = ((outer - inner) // 2 for outer, inner in zip(image.shape[-2:], size, strict=True))
    return image[..., top : top + size[0], left : left + size[1]]


def _masked_with_margin(region: Region, size: tuple[int, int]) -> Region:
    if region.mask is None:
        return region
    return replace(region, mask=_with_margin(resized_by_area(region.mask, size)))


def _mixed(style_images: Sequence[Tensor], weights: Sequence[float]) -> list[Region]:
    """Return one region a painting, all of them everywhere; none for a single one, which needs no more."""
    if len(style_images) == 1:
        return []
    if not all(0 <= weight < float("inf") for weight in weights) or not sum(weights):
        raise UsageError("the paintings' weights must be 0 or more, and not all of them 0")
    return [
        Region(style_image, share=weight / sum(weights))
        for style_image, weight in zip(style_images, weights, strict=True)
        if weight
    ]


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
