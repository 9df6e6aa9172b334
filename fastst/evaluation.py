"""Judge a style's network on photos that its training never saw."""

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
from fastst.losses.gram import gram_loss, gram_matrix
from fastst.losses.objective import Objective, ObjectiveSettings
from fastst.metrics.colour import colour_distance, lightness_contrast, mean_chroma
from fastst.metrics.grid import border_ratio, grid_energy
from fastst.picture_files import find_pictures
from fastst.stylizer import Stylizer
from fastst.validation import validated

# What the border statistic needs; AlexNet needs 63.
_SMALLEST_SIDE = 96


@dataclass(frozen=True)
class Judgement:
    """One photo's figures, or their means over many.

    The four terms are the training objective's, weighted as in training. ``style_error`` is the mean
    over the style layers of ‖G − A‖² / ‖A‖², G and A the Gram matrices per position of the picture
    and of the painting; ``second_style_error`` is the same over AlexNet's five rectifiers, which
    training never sees. ``colour_distance`` is the sliced Wasserstein distance to the painting in
    CIELAB. ``photo_...`` are the untouched photo's own figures, ``painting_...`` the painting's.
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
    """Every photo's judgement by file name, their mean, and the files that could not be read."""

    mean: Judgement
    photos: dict[str, Judgement]
    failed: dict[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return plain mappings and numbers, for JSON."""
        return asdict(self)


def objective_settings(checkpoint: Checkpoint) -> ObjectiveSettings:
    """Return the objective that the checkpoint was trained with."""
    trained_on = checkpoint.metadata.training.get("objective", {})
    return validated(ObjectiveSettings, trained_on, origin=f"checkpoint {checkpoint.metadata.title}")


class Judge:
    """Holds both loss networks and the painting, and judges one picture after another.

    Args:
        painting: (1, 3, H, W), RGB in [0, 1], at the size used in training.
        settings: the training objective.
        loss_network: VGG-16 with the objective's layers.
        second_network: the one that training never sees.
    """

    def __init__(
        self,
        painting: Tensor,
        settings: ObjectiveSettings,
        *,
        loss_network: LossNetwork,
        second_network: AlexNetFeatures,
    ) -> None:
        self.device = painting.device
        self.objective = Objective(loss_network, painting, settings)
        self._painting = painting.cpu()[0]
        self._style_layers = tuple(settings.style_layers)
        self._second_network = second_network
        self._grams = _grams(loss_network(painting, layers=self._style_layers))
        self._second_grams = _grams(second_network(painting))

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
        terms = self.objective(stylised, self.objective.content_features(photo), content_image=photo)
        return Judgement(
            objective=float(terms.total),
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
    return Evaluation(mean=mean_judgement(list(judgements.values())), photos=judgements, failed=failed)


def mean_judgement(judgements: Sequence[Judgement]) -> Judgement:
    """Return the mean of every figure."""
    names = [field.name for field in fields(Judgement)]
    return Judgement(**{name: fmean(getattr(judgement, name) for judgement in judgements) for name in names})


def _grams(features: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {layer: gram_matrix(maps) / maps[0, 0].numel() for layer, maps in features.items()}


def _gram_error(grams: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> float:
    errors = [
        gram_loss(gram, targets[layer]) / targets[layer].square().sum() for layer, gram in grams.items()
    ]
    return fmean(float(error) for error in errors)
