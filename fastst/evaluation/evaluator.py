"""Measure one stylized picture after another against its photo and the painting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import fmean

import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.evaluation.metrics.color import color_distance, lightness_contrast, mean_chroma
from fastst.evaluation.metrics.grid import border_ratio, grid_energy
from fastst.evaluation.metrics.painted import PaintedEvaluator
from fastst.images.masks import resized_by_area
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import Objective, at_scale
from fastst.losses.regions import Region
from fastst.losses.settings import ObjectiveSettings
from fastst.losses.statistics.gram import gram_loss, mean_gram_matrix

# What the border statistic needs.
_SMALLEST_SIDE = 96
_ALEXNET_SIDE = 63
_SCALES = (0, 1, 2)


@dataclass(frozen=True)
class Scores:
    """One photo's figures, or their means over many.

    ``objective`` is the training objective, weighted as in training; ``content``, ``style`` and
    ``variation`` are its terms before they are weighted. ``style_error`` is the mean over the style
    layers of ‖G − A‖² / ‖A‖², G and A the Gram matrices per position of the picture and of the
    painting; ``second_style_error`` is the same over AlexNet's five rectifiers, which training never
    sees. ``color_distance`` is the sliced Wasserstein distance to the painting in CIELAB.
    ``half_...`` and ``quarter_second_style_error`` are that of pictures and painting reduced so far.
    ``strokes_4`` to ``strokes_32``, ``edges``, ``hatch`` and ``rank`` are those of
    ``fastst.evaluation.metrics.painted.Painted``.
    ``photo_...`` are the untouched photo's own figures, ``painting_...`` the painting's.
    """

    rank: float
    strokes_4: float
    strokes_8: float
    strokes_16: float
    strokes_32: float
    edges: float
    hatch: float

    objective: float
    content: float
    style: float
    variation: float
    style_error: float
    photo_style_error: float
    second_style_error: float
    photo_second_style_error: float
    half_second_style_error: float
    photo_half_second_style_error: float
    quarter_second_style_error: float
    photo_quarter_second_style_error: float
    color_distance: float
    photo_color_distance: float
    chroma: float
    painting_chroma: float
    lightness_contrast: float
    painting_lightness_contrast: float
    grid_energy: float
    border_ratio: float


class Evaluator:
    """Holds both loss networks and the painting, and measures one picture after another.

    Args:
        painting: (1, 3, H, W), RGB in [0, 1], at the size used in training.
        large_painting: likewise, at the long side of the photos to come, for the strokes.
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
        large_painting: Tensor | None = None,
        style_mask: Tensor | None = None,
    ) -> None:
        self.device = painting.device
        regions = [] if style_mask is None else [Region(painting, source_mask=style_mask)]
        self.objective = Objective(loss_network, painting, settings, regions=regions)
        self._painting = _pixels_inside(painting, style_mask)
        self._style_layers = tuple(settings.style_layers)
        self._second_network = second_network
        self._grams = gram_matrices(loss_network(painting, layers=self._style_layers), style_mask)
        self._second_grams = [
            gram_matrices(second_network(view), style_mask) if min(view.shape[-2:]) >= _ALEXNET_SIDE else {}
            for view in (at_scale(painting, scale) for scale in _SCALES)
        ]
        self._painted = PaintedEvaluator(painting if large_painting is None else large_painting)

    @torch.no_grad()
    def __call__(self, stylized: Tensor, photo: Tensor) -> Scores:
        """Measure a stylized picture against its photo, both (1, 3, H, W), RGB in [0, 1].

        Raises:
            UsageError: if they are too small to be judged.
        """
        height, width = photo.shape[-2:]
        if min(height, width) < _SMALLEST_SIDE:
            raise UsageError(
                f"{width}x{height} px are too few to measure; give {_SMALLEST_SIDE} px a side or more"
            )
        picture, untouched, painting = stylized.cpu()[0], photo.cpu()[0], self._painting
        painted = self._painted(stylized.cpu(), photo.cpu())
        second, photos = (self._second_style_errors(image) for image in (stylized, photo))
        target = self.objective.target(photo)
        terms = self.objective.unweighted(stylized, target)
        return Scores(
            rank=painted.rank,
            strokes_4=painted.strokes[0],
            strokes_8=painted.strokes[1],
            strokes_16=painted.strokes[2],
            strokes_32=painted.strokes[3],
            edges=painted.edges,
            hatch=painted.hatch,
            objective=float(self.objective(stylized, target).total),
            content=float(terms.content),
            style=float(terms.style),
            variation=float(terms.variation),
            style_error=self._style_error(stylized),
            photo_style_error=self._style_error(photo),
            second_style_error=second[0],
            photo_second_style_error=photos[0],
            half_second_style_error=second[1],
            photo_half_second_style_error=photos[1],
            quarter_second_style_error=second[2],
            photo_quarter_second_style_error=photos[2],
            color_distance=color_distance(picture, painting),
            photo_color_distance=color_distance(untouched, painting),
            chroma=mean_chroma(picture),
            painting_chroma=mean_chroma(painting),
            lightness_contrast=lightness_contrast(picture),
            painting_lightness_contrast=lightness_contrast(painting),
            grid_energy=grid_energy(picture, untouched),
            border_ratio=border_ratio(picture, untouched),
        )

    def _second_style_errors(self, image: Tensor) -> list[float]:
        """Return AlexNet's style error at full, half and quarter size; the last that it can see, below."""
        errors: list[float] = []
        for scale, grams in zip(_SCALES, self._second_grams, strict=True):
            view = at_scale(image, scale)
            if min(view.shape[-2:]) < _ALEXNET_SIDE or not grams:
                errors.append(errors[-1])
                continue
            errors.append(gram_error(gram_matrices(self._second_network(view)), grams))
        return errors

    def _style_error(self, image: Tensor) -> float:
        features = self.objective.loss_network(image, layers=self._style_layers)
        return gram_error(gram_matrices(features), self._grams)


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Return the mean of every figure."""
    names = [field.name for field in fields(Scores)]
    return Scores(**{name: fmean(getattr(score, name) for score in scores) for name in names})


def _pixels_inside(painting: Tensor, mask: Tensor | None) -> Tensor:
    """Return a painting (1, 3, H, W) as (3, H, W), or with a mask its pixels inside alone, (3, n, 1)."""
    pixels = painting[0].cpu()
    if mask is None:
        return pixels
    weights = resized_by_area(mask.cpu(), (pixels.shape[-2], pixels.shape[-1]))[0, 0]
    return pixels[:, weights >= weights.max() / 2][..., None]


def gram_matrices(features: Mapping[str, Tensor], mask: Tensor | None = None) -> dict[str, Tensor]:
    """Return each layer's Gram matrix per position, (1, C, C), of features (1, C, h, w), within a mask."""
    return {
        layer: mean_gram_matrix(
            maps, None if mask is None else resized_by_area(mask, (maps.shape[-2], maps.shape[-1]))
        )
        for layer, maps in features.items()
    }


def gram_error(grams: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> float:
    """Return the mean over the layers of ‖G − A‖² / ‖A‖²."""
    errors = [
        gram_loss(gram, targets[layer]) / targets[layer].square().sum() for layer, gram in grams.items()
    ]
    return fmean(float(error) for error in errors)
