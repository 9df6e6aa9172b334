"""Judge a style's network on photos that its training never saw."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from fastst.checkpoint import Checkpoint
from fastst.errors import FaststError, UsageError
from fastst.images import check_size, read_tensor
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.gram import gram_loss, mean_gram_matrix
from fastst.losses.objective import Objective, ObjectiveSettings, recorded_objective
from fastst.losses.regions import Region
from fastst.masks import resized_by_area
from fastst.metrics.colour import colour_distance, lightness_contrast, mean_chroma
from fastst.metrics.grid import border_ratio, grid_energy
from fastst.picture_files import find_pictures
from fastst.region_files import read_style_mask
from fastst.stylizer import Stylizer
from fastst.validation import validated

# What the border statistic needs; AlexNet needs 63.
_SMALLEST_SIDE = 96

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judgement:
    """One photo's figures, or their means over many.

    ``objective`` is the training objective, weighted as in training; ``content``, ``style`` and
    ``variation`` are its terms before they are weighted. ``style_error`` is the mean over the style
    layers of ‖G − A‖² / ‖A‖², G and A the Gram matrices per position of the picture and of the
    painting; ``second_style_error`` is the same over AlexNet's five rectifiers, which training never
    sees. ``colour_distance`` is the sliced Wasserstein distance to the painting in CIELAB.
    ``photo_...`` are the untouched photo's own figures, ``painting_...`` the painting's.
    """

    objective: float
    content: float
    style: float
    variation: float
    style_error: float
    photo_style_error: float
    second_style_error: float
    photo_second_style_error: float
    colour_distance: float
    photo_colour_distance: float
    chroma: float
    painting_chroma: float
    lightness_contrast: float
    painting_lightness_contrast: float
    grid_energy: float
    border_ratio: float


@dataclass(frozen=True)
class Evaluation:
    """Every photo's judgement by file name, their mean, and the files that could not be read.

    ``weights`` are those of the objective's terms; the Laplacian is a term there, but no figure of its own.
    """

    weights: dict[str, float]
    mean: Judgement
    photos: dict[str, Judgement]
    failed: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings and numbers, for JSON."""
        return asdict(self)


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


class Judge:
    """Holds both loss networks and the painting, and judges one picture after another.

    Args:
        painting: (1, 3, H, W), RGB in [0, 1], at the size used in training.
        settings: the training objective.
        loss_network: VGG-16 with the objective's layers.
        second_network: the one that training never sees.
        style_mask: (1, 1, any, any) in [0, 1], where in the painting the style is; None: everywhere.
    """

    def __init__(
        self,
        painting: Tensor,
        settings: ObjectiveSettings,
        *,
        loss_network: LossNetwork,
        second_network: AlexNetFeatures,
        style_mask: Tensor | None = None,
    ) -> None:
        self.device = painting.device
        regions = [] if style_mask is None else [Region(painting, source_mask=style_mask)]
        self.objective = Objective(loss_network, painting, settings, regions=regions)
        self._painting = _pixels_inside(painting, style_mask)
        self._style_layers = tuple(settings.style_layers)
        self._second_network = second_network
        self._grams = _grams(loss_network(painting, layers=self._style_layers), style_mask)
        self._second_grams = _grams(second_network(painting), style_mask)

    @torch.no_grad()
    def __call__(self, stylised: Tensor, photo: Tensor) -> Judgement:
        """Judge a stylised picture against its photo, both (1, 3, H, W), RGB in [0, 1].

        Raises:
            UsageError: if they are too small to be judged.
        """
        height, width = photo.shape[-2:]
        if min(height, width) < _SMALLEST_SIDE:
            raise UsageError(
                f"{width}x{height} px are too few to judge; {_SMALLEST_SIDE} px a side are the least"
            )
        picture, untouched, painting = stylised.cpu()[0], photo.cpu()[0], self._painting
        terms = self.objective.unweighted(stylised, self.objective.content_features(photo))
        return Judgement(
            objective=float(self.objective.weighted(terms, stylised, content_image=photo).total),
            content=float(terms.content),
            style=float(terms.style),
            variation=float(terms.variation),
            style_error=self._style_error(stylised),
            photo_style_error=self._style_error(photo),
            second_style_error=_gram_error(_grams(self._second_network(stylised)), self._second_grams),
            photo_second_style_error=_gram_error(_grams(self._second_network(photo)), self._second_grams),
            colour_distance=colour_distance(picture, painting),
            photo_colour_distance=colour_distance(untouched, painting),
            chroma=mean_chroma(picture),
            painting_chroma=mean_chroma(painting),
            lightness_contrast=lightness_contrast(picture),
            painting_lightness_contrast=lightness_contrast(painting),
            grid_energy=grid_energy(picture, untouched),
            border_ratio=border_ratio(picture, untouched),
        )

    def _style_error(self, image: Tensor) -> float:
        features = self.objective.loss_network(image, layers=self._style_layers)
        return _gram_error(_grams(features), self._grams)


def evaluate_files(
    checkpoint: Checkpoint,
    photos: Sequence[Path],
    judge: Judge,
    *,
    size: int,
    on_photo: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Stylise every photo, its long side ``size`` px, and judge what comes out.

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
    stylizer = Stylizer(checkpoint.network, checkpoint.metadata.model_dump(), device=judge.device)
    judgements: dict[str, Judgement] = {}
    failed: dict[str, str] = {}
    for done, file in enumerate(files, start=1):
        try:
            photo = read_tensor(file, size=size).to(judge.device)
            judgements[str(file)] = judge(stylizer.stylize(photo), photo)
        except FaststError as error:
            told = str(error)
            failed[str(file)] = told if str(file) in told else f"{file}: {told}"
        on_photo(done, len(files))
    if not judgements:
        raise FaststError(f"{next(iter(failed.values()))}; no photo could be read")
    return Evaluation(
        weights=_weights(judge.objective.settings),
        mean=mean_judgement(list(judgements.values())),
        photos=judgements,
        failed=failed,
    )


def mean_judgement(judgements: Sequence[Judgement]) -> Judgement:
    """Return the mean of every figure."""
    names = [field.name for field in fields(Judgement)]
    return Judgement(**{name: fmean(getattr(judgement, name) for judgement in judgements) for name in names})


def _weights(settings: ObjectiveSettings) -> dict[str, float]:
    return {
        "content": settings.content_weight,
        "laplacian": settings.laplacian_weight,
        "style": settings.style_strength,
        "variation": settings.variation_weight,
    }


def _pixels_inside(painting: Tensor, mask: Tensor | None) -> Tensor:
    """Return a painting (1, 3, H, W) as (3, H, W), or with a mask its pixels inside alone, (3, n, 1)."""
    pixels = painting[0].cpu()
    if mask is None:
        return pixels
    weights = resized_by_area(mask.cpu(), (pixels.shape[-2], pixels.shape[-1]))[0, 0]
    return pixels[:, weights >= weights.max() / 2][..., None]


def _grams(features: Mapping[str, Tensor], mask: Tensor | None = None) -> dict[str, Tensor]:
    return {
        layer: mean_gram_matrix(
            maps, None if mask is None else resized_by_area(mask, (maps.shape[-2], maps.shape[-1]))
        )
        for layer, maps in features.items()
    }


def _gram_error(grams: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> float:
    errors = [
        gram_loss(gram, targets[layer]) / targets[layer].square().sum() for layer, gram in grams.items()
    ]
    return fmean(float(error) for error in errors)
