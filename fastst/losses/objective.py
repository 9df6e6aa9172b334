"""The objective that trains a network and drives the reference optimiser."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from torch import Tensor

from fastst.errors import UsageError
from fastst.loss_network.vgg import LossNetwork, check_layers
from fastst.losses.content import content_loss
from fastst.losses.gram import gram_loss, gram_matrix
from fastst.losses.variation import total_variation


class ObjectiveSettings(BaseModel):
    """What is asked of a stylised picture; the defaults suit every painting and size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content_layer: str = "relu3_3"
    content_weight: float = Field(1.0, ge=0)
    style_layers: dict[str, float] = {"relu1_2": 1.0, "relu2_2": 1.0, "relu3_3": 1.0, "relu4_3": 1.0}
    style_strength: float = Field(1.0, ge=0)
    variation_weight: float = Field(1.0, ge=0)
    form: Literal["relative", "sums"] = "relative"

    @field_validator("style_layers", mode="before")
    @classmethod
    def _read_layers(cls, value: Any) -> Any:
        """Read the command line's way of writing them: ``relu1_2:1,relu3_3:0.5`` or ``relu1_2,relu3_3``."""
        if not isinstance(value, str):
            return value
        pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
        try:
            return {layer: float(weight or 1) for layer, _, weight in pairs}
        except ValueError as error:
            raise UsageError(f"style layers {value}: write them as relu1_2:1,relu3_3:0.5") from error

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_layers((*self.style_layers, self.content_layer))
        if not self.style_layers:
            raise UsageError("no style layers: give at least one, such as relu2_2")
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that the stylised picture is taken to."""
        return tuple({**self.style_layers, self.content_layer: 0.0})


@dataclass(frozen=True)
class Terms:
    """The objective's parts, already weighted, each (N,): one value a picture."""

    content: Tensor
    style: Tensor
    variation: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum, (N,)."""
        return self.content + self.style + self.variation


class Objective:
    """Perceptual losses against one painting (Johnson et al. 2016), without units.

    With F^l and P^l the loss network's features of the stylised picture and of the content image,
    G^l and A^l the Gram matrices of the stylised picture and of the style image divided by their
    number of positions, and x the stylised picture of H×W pixels in [0, 1], the ``relative`` form is

        L = w_c · ‖F − P‖² / ‖P‖²
          + s · Σ_l w_l · ‖G^l − A^l‖² / (‖G^l‖² + ‖A^l‖²)
          + w_t · TV(x) / (H·W)

    Every term is a share of its own energy, so one setting means the same for every painting and
    every size. The Gram term lies in [0, 1]: an untouched photo stands at 2 to 15 times ‖A‖² at
    relu4_3 and under 1 at relu1_2, so in the plain quotient ‖G − A‖² / ‖A‖² the deepest layer
    would drown the others. When G is close to A the term is half the plain quotient.

    The ``sums`` form is that of the papers, with plain sums and no normalisation:
    w_c · ‖F − P‖² + s · Σ_l w_l · ‖G^l − A^l‖² + w_t · TV(x), Gram matrices as plain sums too.

    Args:
        loss_network: must give the content layer and the style layers.
        style_image: (1, 3, H, W), RGB in [0, 1].
        settings: layers and weights.
    """

    def __init__(self, loss_network: LossNetwork, style_image: Tensor, settings: ObjectiveSettings) -> None:
        self.loss_network = loss_network
        self.settings = settings
        self._relative = settings.form == "relative"
        features = loss_network(style_image, layers=tuple(settings.style_layers))
        self.device = style_image.device
        self.style_grams = {layer: self._gram(maps).detach() for layer, maps in features.items()}

    @torch.no_grad()
    def content_features(self, content_image: Tensor) -> Tensor:
        """Return P, (N, C, h, w), of (N, 3, H, W) in [0, 1]; no layer past the content layer is run."""
        layer = self.settings.content_layer
        return self.loss_network(content_image, layers=(layer,))[layer]

    def __call__(self, stylised: Tensor, content_features: Tensor) -> Terms:
        """Return the terms for stylised pictures (N, 3, H, W) and their P (N, C, h, w)."""
        settings = self.settings
        features = self.loss_network(stylised, layers=settings.layers)
        content = content_loss(
            features[settings.content_layer], content_features, weight=settings.content_weight
        )
        variation = total_variation(stylised, weight=settings.variation_weight)
        if self._relative:
            content = content / content_features.float().square().sum(dim=(1, 2, 3)).clamp_min(1e-8)
            variation = variation / (stylised.shape[-2] * stylised.shape[-1])
        style = sum(self.style_terms(features).values(), start=content.new_zeros(()))
        return Terms(content=content, style=settings.style_strength * style, variation=variation)

    def style_terms(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return each style layer's weighted term, (N,), before the style strength."""
        terms = {}
        for layer, weight in self.settings.style_layers.items():
            gram, target = self._gram(features[layer]), self.style_grams[layer]
            term = gram_loss(gram, target, weight=weight)
            if self._relative:
                term = term / (gram.square().sum(dim=(1, 2)) + target.square().sum(dim=(1, 2))).clamp_min(
                    1e-8
                )
            terms[layer] = term
        return terms

    def _gram(self, features: Tensor) -> Tensor:
        gram = gram_matrix(features)
        return gram / (features.shape[-2] * features.shape[-1]) if self._relative else gram
