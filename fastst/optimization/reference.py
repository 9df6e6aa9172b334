"""One photo stylized by the reference method: files in, a picture or a file out."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from fastst.errors import UsageError
from fastst.files import StrPath, refuse_overwriting, refuse_replacing
from fastst.images.formats import check_output_suffix
from fastst.images.masks import resized_by_area
from fastst.images.pictures import LEAST_FOR_LOSSES, Picture, read_picture, write_picture
from fastst.images.tensors import read_tensor, to_image
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.regions import Pair, Region, mask_files, read_regions
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization.search import IterationReport, OnIteration, optimize_image
from fastst.optimization.settings import OptimizationSettings, ReferenceOptions
from fastst.runtime import deferred_interrupt
from fastst.settings import validated
from fastst.stylize.stylizer import pick_device

_DEFAULT = ReferenceOptions()

# One painting, or several with weights.
Paintings = StrPath | Sequence[tuple[StrPath, float]]

# The loss network pads with zeros, which shows as a line of odd colors along the border: so pictures are
# made with a margin of so many pixels, which is cut off.
_MARGIN = 16


def optimize(
    photo: StrPath,
    painting: Paintings,
    *,
    size: int = _DEFAULT.size,
    style_size: int = _DEFAULT.style_size,
    regions: Sequence[Pair] = (),
    loss_network_weights: Path | None = _DEFAULT.loss_network_weights,
    objective: Mapping[str, Any] | None = None,
    on_iteration: OnIteration = lambda report: None,
    **settings: Any,
) -> Image.Image:
    """Stylize a photo by gradient descent on its pixels (Gatys et al. 2015), the reference method.

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
        The stylized picture, RGB.

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
    save_every: int = _DEFAULT.save_every,
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
