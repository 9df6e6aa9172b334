"""The objective that trains a network and drives the reference optimiser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from torch import Tensor

from fastst.errors import UsageError
from fastst.images.masks import resized_by_area
from fastst.loss_network.vgg import LossNetwork, check_layers
from fastst.losses.regions import Region
from fastst.losses.statistics.base import StyleStatistic
from fastst.losses.statistics.gram import GramSums
from fastst.losses.statistics.registry import STATISTICS, check_style_loss, parse_style_loss
from fastst.losses.terms import content_loss, laplacian_loss, total_variation

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ObjectiveSettings(BaseModel):
    """What is asked of a stylised picture; the defaults suit every painting and size."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content_layer: str = "relu3_3"
    content_weight: Weight = 1.0
    style_layers: dict[str, Weight] = {"relu1_2": 1.0, "relu2_2": 1.0, "relu3_3": 1.0, "relu4_3": 1.0}
    style_loss: dict[str, float] = {"covariance": 1.0}
    style_strength: Weight = 1.0
    variation_weight: Weight = 1.0
    laplacian_weight: Weight = 0.0
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

    @field_validator("style_loss", mode="before")
    @classmethod
    def _read_style_loss(cls, value: Any) -> Any:
        """Read the command line's way of writing it: ``gram:1+histogram:0.5`` or ``gram+histogram``."""
        return parse_style_loss(value) if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _sums_are_of_the_gram_matrix(cls, values: Any) -> Any:
        """Let the papers' form have the papers' statistic without being asked."""
        if isinstance(values, dict) and values.get("form") == "sums":
            return {"style_loss": {"gram": 1.0}, **values}
        return values

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_style_loss(self.style_loss)
        if self.form == "sums" and set(self.style_loss) != {"gram"}:
            raise UsageError("form sums is of the Gram matrix alone; leave out the style loss, or the form")
        check_layers((*self.style_layers, self.content_layer))
        if not self.style_layers:
            raise UsageError("no style layers: give at least one, such as relu2_2")
        return self

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that the stylised picture is taken to."""
        return tuple({**self.style_layers, self.content_layer: 0.0})


def recorded_objective(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an objective that a checkpoint or a saved training records.

    One from before there were other statistics means the Gram matrix, whatever the default is now.
    """
    return {"style_loss": {"gram": 1.0}, **record}


@dataclass(frozen=True)
class Terms:
    """The objective's parts, each (N,): one value a picture; weighted, except by ``Objective.unweighted``.

    ``steadiness`` is for trainings that judge pairs of frames; see ``fastst.losses.terms.steadiness_loss``.
    """

    content: Tensor
    style: Tensor
    variation: Tensor
    steadiness: Tensor | None = None

    @property
    def total(self) -> Tensor:
        """Their sum, (N,)."""
        sum_of_three = self.content + self.style + self.variation
        return sum_of_three if self.steadiness is None else sum_of_three + self.steadiness

    @property
    def means(self) -> dict[str, float]:
        """Each part's mean over the pictures, and the total's."""
        named = {"content": self.content, "style": self.style, "variation": self.variation}
        if self.steadiness is not None:
            named["steadiness"] = self.steadiness
        means = {name: float(term.detach().mean()) for name, term in named.items()}
        return {**means, "total": sum(means.values())}


class Objective:
    """Perceptual losses against one painting (Johnson et al. 2016), without units.

    With F and P the content layer's features of the stylised picture x and of the content image c, of
    H×W pixels in [0, 1], and T_k^l the terms of style statistic k at style layer l, the ``relative``
    form is

        L = w_c · ‖F − P‖² / ‖P‖² + w_d · ‖D(x) − D(c)‖² / (‖D(x)‖² + ‖D(c)‖²)
          + s · Σ_l w_l · Σ_k w_k · T_k^l
          + w_t · TV(x) / (H·W)

    with D the Laplacian, whose weight is 0 unless asked for. Every term is a share of its own energy,
    so one setting means the same for every painting and every size. By default the one statistic is
    the covariance, chosen by measurement (``benchmarks/2026-11-25-statistics.md``): see
    ``fastst.losses.statistics.covariance``, and ``fastst.losses.statistics.registry`` for the others.

    With regions, T_k^l is the sum over the regions of share · term, each between the part of the
    picture and the part of the style image that the region pairs.

    The ``sums`` form is that of the papers, with plain sums and no normalisation:
    w_c · ‖F − P‖² + s · Σ_l w_l · ‖G^l − A^l‖² + w_t · TV(x), Gram matrices as plain sums too.

    Args:
        loss_network: must give the content layer and the style layers.
        style_image: (1, 3, H, W), RGB in [0, 1].
        settings: layers and weights.
        regions: which look goes where; empty: the whole style image's everywhere.

    Raises:
        UsageError: for regions in the ``sums`` form, where a sum over a small area would have to reach that
            over a large one.
    """

    def __init__(
        self,
        loss_network: LossNetwork,
        style_image: Tensor,
        settings: ObjectiveSettings,
        *,
        regions: Sequence[Region] = (),
    ) -> None:
        self.loss_network = loss_network
        self.settings = settings
        self.device = style_image.device
        self._relative = settings.form == "relative"
        if regions and not self._relative:
            raise UsageError("form sums knows neither regions nor a style mask; leave out the form, or these")
        self._regions = tuple(regions) or (Region(source=style_image),)
        self._statistics = [self._statistics_of(region) for region in self._regions]
        self._maps: dict[tuple[int, tuple[int, int]], Tensor] = {}

    @torch.no_grad()
    def content_features(self, content_image: Tensor) -> Tensor:
        """Return P, (N, C, h, w), of (N, 3, H, W) in [0, 1]; no layer past the content layer is run."""
        layer = self.settings.content_layer
        return self.loss_network(content_image, layers=(layer,))[layer]

    def __call__(
        self,
        stylised: Tensor,
        content_features: Tensor,
        *,
        content_image: Tensor | None = None,
        features: Mapping[str, Tensor] | None = None,
    ) -> Terms:
        """Return the weighted terms for stylised pictures (N, 3, H, W) and their P (N, C, h, w).

        ``content_image``, (N, 3, H, W), is needed for the Laplacian alone, which counts as content.
        ``features`` are those of the stylised pictures at ``settings.layers``, where the caller has them.
        """
        plain = self.unweighted(stylised, content_features, features=features)
        return self.weighted(plain, stylised, content_image=content_image)

    def unweighted(
        self,
        stylised: Tensor,
        content_features: Tensor,
        *,
        features: Mapping[str, Tensor] | None = None,
    ) -> Terms:
        """Return the terms before content weight, style strength and variation weight, without Laplacian."""
        settings = self.settings
        if features is None:
            features = self.loss_network(stylised, layers=settings.layers)
        content = content_loss(features[settings.content_layer], content_features)
        variation = total_variation(stylised)
        if self._relative:
            content = content / content_features.float().square().sum(dim=(1, 2, 3)).clamp_min(1e-8)
            variation = variation / (stylised.shape[-2] * stylised.shape[-1])
        style = sum(self.style_terms(features).values(), start=content.new_zeros(()))
        return Terms(content=content, style=style, variation=variation)

    def weighted(self, terms: Terms, stylised: Tensor, *, content_image: Tensor | None = None) -> Terms:
        """Return what ``unweighted`` gave for the stylised pictures with its weights, and the Laplacian."""
        settings = self.settings
        content = settings.content_weight * terms.content
        if settings.laplacian_weight:
            if content_image is None:
                raise ValueError("the Laplacian needs the content image")
            content = content + laplacian_loss(stylised, content_image, weight=settings.laplacian_weight)
        return Terms(
            content=content,
            style=settings.style_strength * terms.style,
            variation=settings.variation_weight * terms.variation,
        )

    def style_terms(self, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return each style layer's weighted term, (N,), before the style strength."""
        return {layer: self._style_term(layer, features[layer]) for layer in self.settings.style_layers}

    def _style_term(self, layer: str, features: Tensor) -> Tensor:
        size = (features.shape[-2], features.shape[-1])
        terms = [
            statistic(features, self._map(index, size))
            for index, statistics in enumerate(self._statistics)
            for statistic in statistics[layer]
        ]
        return sum(terms[1:], start=terms[0])

    def _statistics_of(self, region: Region) -> dict[str, list[StyleStatistic]]:
        """Return the source's statistics layer by layer."""
        layers = self.settings.style_layers
        features = self.loss_network(region.source, layers=tuple(layers))
        kinds = STATISTICS if self._relative else {"gram": GramSums}
        return {
            layer: [
                kinds[name](
                    features[layer],
                    _at_layer(region.source_mask, features[layer]),
                    weight=region.share * weight * layer_weight,
                )
                for name, weight in self.settings.style_loss.items()
            ]
            for layer, layer_weight in layers.items()
        }

    def _map(self, region: int, size: tuple[int, int]) -> Tensor | None:
        """Return a region's weight map at a layer's size; an optimisation asks for the same few again."""
        mask = self._regions[region].mask
        if mask is None:
            return None
        if (region, size) not in self._maps:
            self._maps[region, size] = resized_by_area(mask, size)
        return self._maps[region, size]


def _at_layer(mask: Tensor | None, features: Tensor) -> Tensor | None:
    return None if mask is None else resized_by_area(mask, (features.shape[-2], features.shape[-1]))
