"""The objective that trains a network and drives the reference optimizer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.errors import UsageError
from fastst.images.masks import resized_by_area
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.hatch import Hatch
from fastst.losses.palette import Palette
from fastst.losses.regions import Region, recolored
from fastst.losses.settings import ObjectiveSettings
from fastst.losses.statistics.base import StyleStatistic
from fastst.losses.statistics.gram import GramSums
from fastst.losses.statistics.registry import STATISTICS
from fastst.losses.terms import content_loss, laplacian_loss, total_variation

# Of a shorter side in pixels, a coarse picture is not judged: the layers would see next to nothing.
_LEAST_SIDE = 24


@dataclass(frozen=True)
class LossTerms:
    """The objective's parts, each (N,): one value a picture; weighted, except by ``Objective.unweighted``.

    ``temporal`` is for trainings that judge pairs of frames; see ``fastst.losses.terms.temporal_loss``.
    """

    content: Tensor
    style: Tensor
    variation: Tensor
    palette: Tensor | None = None
    hatch: Tensor | None = None
    temporal: Tensor | None = None

    @property
    def _named(self) -> dict[str, Tensor]:
        named = {
            "content": self.content,
            "style": self.style,
            "variation": self.variation,
            "palette": self.palette,
            "hatch": self.hatch,
            "temporal": self.temporal,
        }
        return {name: term for name, term in named.items() if term is not None}

    @property
    def total(self) -> Tensor:
        """Their sum, (N,)."""
        return torch.stack(list(self._named.values())).sum(dim=0)

    @property
    def means(self) -> dict[str, float]:
        """Each part's mean over the pictures, and the total's."""
        means = {name: float(term.detach().mean()) for name, term in self._named.items()}
        return {**means, "total": sum(means.values())}


@dataclass(frozen=True)
class Target:
    """What pictures are to keep of their content images; made by ``Objective.target``.

    Attributes:
        image: the content images as the objective wants them, (N, 3, H, W): in the painting's colors.
        features: the content layer's, scale by scale.
        window: rows and columns within which the full scale is judged; the others see all of the picture.
        first_scale: the scale that the images have: 1 for those at half size, which are judged from there on.
    """

    image: Tensor
    features: Sequence[Tensor]
    window: tuple[slice, slice] | None = None
    first_scale: int = 0


class Objective:
    """Perceptual losses against one painting (Johnson et al. 2016), at several scales, without units.

    The content image c is first moved to the painting's colors, so that content and style do not fight over
    them (``fastst.networks.recolor``). At each scale i, picture, content image and painting at 1, ½, ¼ … of
    their size, with F and P the content layer's features of the stylized picture x and of c, of H×W pixels
    in [0, 1], and T_k^l the terms of style statistic k at style layer l, the ``relative`` form is

        L = Σ_i v_i · ( w_c · ‖F − P‖² / ‖P‖² + s · Σ_l w_l · Σ_k w_k · T_k^l + w_t · TV(x) / (H·W) )
          + w_p · palette(x) + w_h · hatch(x) + w_d · ‖D(x) − D(c)‖² / (‖D(x)‖² + ‖D(c)‖²)

    with Σ v_i = 1, the terms of ``fastst.losses.palette`` and ``fastst.losses.hatch``, and D the Laplacian,
    whose weight is 0 unless asked for. Every term is a share of its own energy, so one setting means the same
    for every painting and every size. Content layer and weight differ between the full scale and the coarse
    ones: deep features at a coarse scale know a face and keep it, where shallow ones only defend its edges.

    With regions, T_k^l is the sum over the regions of share · term, each between the part of the
    picture and the part of the style image that the region pairs.

    The ``sums`` form is that of the papers, with plain sums, one scale and no normalization:
    w_c · ‖F − P‖² + s · Σ_l w_l · ‖G^l − A^l‖² + w_t · TV(x), Gram matrices as plain sums too.

    Args:
        loss_network: must give the content layers and the style layers.
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
        # Trainings turn it while they run, until the photo is neither covered nor merely tinted.
        self.strength_factor = 1.0
        self._relative = settings.form == "relative"
        if regions and not self._relative:
            raise UsageError("form sums takes neither regions nor a style mask; leave out the form, or these")
        self._regions = tuple(regions) or (Region(source=style_image),)
        self._statistics = [
            [self._statistics_of(region, scale) for region in self._regions]
            for scale in range(len(settings.scales))
        ]
        self._maps: dict[tuple[int, tuple[int, int]], Tensor] = {}

    @cached_property
    def _palettes(self) -> list[Palette]:
        return [Palette(region.source, region.source_mask, weight=region.share) for region in self._regions]

    @cached_property
    def _hatch(self) -> Hatch:
        return Hatch(*(region.source for region in self._regions))

    @torch.no_grad()
    def target(self, content_image: Tensor) -> Target:
        """Return what pictures are to keep of content images (N, 3, H, W), RGB in [0, 1].

        With ``settings.recolor`` these are first moved to the painting's colors. No layer past the content
        layers is run.
        """
        return self.target_of(self.recolored(content_image))

    @torch.no_grad()
    def recolored(self, content_image: Tensor) -> Tensor:
        """Return content images (N, 3, H, W) in the painting's colors, or as they are if not asked to."""
        return recolored(content_image, self._regions) if self.settings.recolor else content_image

    @torch.no_grad()
    def target_of(
        self, image: Tensor, *, window: tuple[slice, slice] | None = None, first_scale: int = 0
    ) -> Target:
        """Return the target of content images (N, 3, H, W) that are recolored already.

        Args:
            image: the content images.
            window: rows and columns where the full scale is to be judged: in training a quarter of the
                area, as the coarse scales see all of it for less.
            first_scale: 1 if the images are at half size, and so on: they and the pictures to come are
                judged as if they were the full picture's coarser scales.
        """
        features = []
        for scale, _, view in self._views(image, window, first_scale):
            layer, _ = self.settings.content_at(scale)
            features.append(self.loss_network(view, layers=(layer,))[layer])
        return Target(image, features, window, first_scale)

    def __call__(self, stylized: Tensor, target: Target) -> LossTerms:
        """Return the weighted terms for stylized pictures (N, 3, H, W) and their target."""
        return self._terms(stylized, target, weighted=True)

    def unweighted(self, stylized: Tensor, target: Target) -> LossTerms:
        """Return the terms before content weight, style strength and all other weights but the scales'.

        The Laplacian is left out.
        """
        return self._terms(stylized, target, weighted=False)

    def style_terms(self, features: Mapping[str, Tensor], *, scale: int = 0) -> dict[str, Tensor]:
        """Return each style layer's weighted term at a scale, (N,), before the style strength."""
        return {
            layer: self._style_term(layer, features[layer], scale) for layer in self.settings.style_layers
        }

    def _terms(self, stylized: Tensor, target: Target, *, weighted: bool) -> LossTerms:
        settings = self.settings
        content = style = variation = stylized.new_zeros(len(stylized), dtype=torch.float32)
        for (scale, share, view), wanted in zip(
            self._views(stylized, target.window, target.first_scale), target.features, strict=True
        ):
            layer, weight = settings.content_at(scale)
            features = self.loss_network(view, layers=settings.layers_at(scale))
            content = content + share * (weight if weighted else 1) * self._content(features[layer], wanted)
            for term in self.style_terms(features, scale=scale).values():
                style = style + share * term
            pixels = view.shape[-2] * view.shape[-1] if self._relative else 1
            variation = variation + share * total_variation(view) / pixels
        palette = self._palette(stylized) if settings.palette_weight else None
        hatch = self._hatch(stylized) if settings.hatch_weight and not target.first_scale else None
        if not weighted:
            return LossTerms(content=content, style=style, variation=variation, palette=palette, hatch=hatch)
        if settings.laplacian_weight:
            content = content + laplacian_loss(stylized, target.image, weight=settings.laplacian_weight)
        return LossTerms(
            content=content,
            style=self.strength_factor * settings.style_weight * style,
            variation=settings.tv_weight * variation,
            palette=None if palette is None else settings.palette_weight * palette,
            hatch=None if hatch is None else settings.hatch_weight * hatch,
        )

    def _views(
        self, image: Tensor, window: tuple[slice, slice] | None, first: int
    ) -> Iterator[tuple[int, float, Tensor]]:
        """Yield each scale that the picture is large enough for, its share, and the picture there."""
        smallest = min(image.shape[-2:])
        seen = {
            scale: weight
            for scale, weight in enumerate(self.settings.scales)
            if weight and scale >= first and (scale == first or smallest >> (scale - first) >= _LEAST_SIDE)
        }
        whole = sum(seen.values()) or 1.0
        for scale, weight in (seen or {first: 1.0}).items():
            if window is not None and scale == 0:
                view = image[..., window[0], window[1]]
            else:
                view = at_scale(image, scale - first)
            yield scale, weight / whole, view

    def _content(self, features: Tensor, wanted: Tensor) -> Tensor:
        loss = content_loss(features, wanted)
        return loss / wanted.float().square().sum(dim=(1, 2, 3)).clamp_min(1e-8) if self._relative else loss

    def _palette(self, stylized: Tensor) -> Tensor:
        size = (stylized.shape[-2], stylized.shape[-1])
        terms = [palette(stylized, self._map(index, size)) for index, palette in enumerate(self._palettes)]
        return torch.stack(terms).sum(dim=0)

    def _style_term(self, layer: str, features: Tensor, scale: int) -> Tensor:
        size = (features.shape[-2], features.shape[-1])
        terms = [
            statistic(features, self._map(index, size))
            for index, statistics in enumerate(self._statistics[scale])
            for statistic in statistics[layer]
        ]
        return sum(terms[1:], start=terms[0])

    def _statistics_of(self, region: Region, scale: int) -> dict[str, list[StyleStatistic]]:
        """Return the source's statistics at a scale, layer by layer."""
        layers = self.settings.style_layers
        features = self.loss_network(at_scale(region.source, scale), layers=tuple(layers))
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
        """Return a region's weight map at a layer's size; an optimization asks for the same few again."""
        mask = self._regions[region].mask
        if mask is None:
            return None
        if (region, size) not in self._maps:
            self._maps[region, size] = resized_by_area(mask, size)
        return self._maps[region, size]


def at_scale(image: Tensor, scale: int) -> Tensor:
    """Return pictures (N, 3, H, W) at 1 / 2^scale of their size, by an antialiased filter."""
    if scale == 0:
        return image
    size = [max(1, round(side / 2**scale)) for side in image.shape[-2:]]
    return F.interpolate(image, size, mode="bilinear", antialias=True)


def _at_layer(mask: Tensor | None, features: Tensor) -> Tensor | None:
    return None if mask is None else resized_by_area(mask, (features.shape[-2], features.shape[-1]))
