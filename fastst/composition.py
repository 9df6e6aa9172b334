"""Several styles in one picture: each network repaints all of it, and feathered masks put them together."""

import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import torch
from PIL import Image, ImageFilter
from torch import Tensor

from fastst.errors import UsageError
from fastst.images import Picture, read_picture, to_image, to_tensor, with_alpha
from fastst.masks import REST, Mask, partition, read_mask, resized_by_area, split_pair
from fastst.painting_options import PaintingOptions
from fastst.stylizer import Stylizer

_FEATHER = 0.01
_WRITTEN = "MASK:STYLE, such as sky.png:starry-night"


class RegionStylizer:
    """Styles and where in a picture each is wanted.

    What no mask covers goes to the rest's style, and stays as it is in the photo if there is none;
    where masks overlap, the styles are mixed in proportion.

    Args:
        regions: masks with their styles; None for the mask stands for the rest. Stylizers that are the
            same object run once.
        feather: width of the soft edges in pixels of the result; None: a hundredth of its long side.

    Raises:
        UsageError: if there are no regions, two rests, or ``feather`` is below 0.
    """

    def __init__(
        self, regions: Sequence[tuple[Mask | None, Stylizer]], *, feather: float | None = None
    ) -> None:
        if sum(mask is None for mask, _ in regions) > 1:
            raise UsageError(f"--region {REST}: is given twice; the rest can have one style only")
        if not regions:
            raise UsageError("no regions: give at least one mask with its style")
        if feather is not None and not 0 <= feather < math.inf:
            raise UsageError(f"feather is {feather}; it is a width in pixels, so give 0 or more")
        self.regions = tuple(regions)
        self.feather = feather

    def __call__(self, image: str | os.PathLike[str] | Image.Image, **options: Any) -> Image.Image:
        """Repaint a file or a Pillow image of any mode; options and errors as in ``Stylizer.__call__``."""
        picture = Picture.of(image) if isinstance(image, Image.Image) else read_picture(image)
        return with_alpha(self.stylize_picture(picture, options=PaintingOptions(**options)))

    def stylize_picture(self, picture: Picture, **options: Any) -> Picture:
        """Repaint a picture, keeping its transparency and metadata.

        Args:
            picture: the photo, in whose shape the masks must be.
            options: as in ``Stylizer.stylize_picture``; they go for every style.

        Raises:
            UsageError: if a mask has not the photo's shape, or an option is out of range.
            FaststError: if memory runs out.
        """
        for mask, _ in self.regions:
            if mask is not None:
                mask.check_aspect((picture.rgb.height, picture.rgb.width), picture="the photo")
        painted: dict[int, Picture] = {}
        for _, stylizer in self.regions:
            if id(stylizer) not in painted:
                painted[id(stylizer)] = stylizer.stylize_picture(picture, **options)
        first = next(iter(painted.values()))
        photo = picture.rgb
        if photo.size != first.rgb.size:
            photo = photo.resize(first.rgb.size, Image.Resampling.LANCZOS)
        parts, rest = self._parts((photo.height, photo.width))
        composed = rest * to_tensor(photo)
        for part, (_, stylizer) in zip(parts, self.regions, strict=True):
            composed = composed + part * to_tensor(painted[id(stylizer)].rgb)
        return Picture(rgb=to_image(composed), alpha=first.alpha, info=picture.info)

    def _parts(self, size: tuple[int, int]) -> tuple[list[Tensor], Tensor]:
        """Return every region's part of the picture, and what is left to the photo, (1, H, W) each."""
        width = _FEATHER * max(size) if self.feather is None else self.feather
        masks = [_feathered(mask.weights, size, width)[0] for mask, _ in self.regions if mask is not None]
        parts, rest = partition(masks) if masks else ([], torch.ones(1, *size))
        if len(parts) == len(self.regions):
            return parts, rest
        in_turn = iter(parts)
        return [rest if mask is None else next(in_turn) for mask, _ in self.regions], torch.zeros_like(rest)


def read_style_regions(
    regions: Sequence[str | tuple[str | os.PathLike[str], str]],
    *,
    feather: float | None,
    load: Callable[[str], Stylizer],
) -> RegionStylizer:
    """Read masks and load styles, each style once.

    Args:
        regions: a mask's file, or ``rest``, and a style; as a tuple or as ``sky.png:starry-night``.
        feather: as in ``RegionStylizer``.
        load: what makes a stylizer of a style's name or checkpoint.

    Raises:
        UsageError: if a region is not written so, a mask is black, or there is no such style.
        FaststError: if a mask or a checkpoint cannot be read.
    """
    named = [
        split_pair(region, written=_WRITTEN) if isinstance(region, str) else region for region in regions
    ]
    for mask, style in named:
        if not style:
            raise UsageError(f"region {mask}: names no style; write it as {_WRITTEN}")
    masks = [None if mask == REST else read_mask(mask) for mask, _ in named]
    stylizers = {style: load(style) for style in dict.fromkeys(style for _, style in named)}
    return RegionStylizer(
        [(mask, stylizers[style]) for mask, (_, style) in zip(masks, named, strict=True)], feather=feather
    )


def _feathered(weights: Tensor, size: tuple[int, int], width: float) -> Tensor:
    """Return a mask (1, 1, H, W) at another size with its edges softened over about ``width`` pixels."""
    grey = Image.fromarray(resized_by_area(weights, size)[0, 0].mul(255).round().byte().numpy())
    # A Gaussian takes an edge from a tenth to nine tenths over 2.56 standard deviations.
    soft = grey.filter(ImageFilter.GaussianBlur(width / 2.56))
    return to_tensor(soft.convert("RGB"))[None, :1]
