"""Which part of a style image goes to which part of a photo, and the mask files that say so."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images.masks import REST, partition, read_mask, resized_by_area, split_pairs
from fastst.networks.recolor import Recolor, color_statistics

# Under this share of the picture, what no mask covers is the rim that soft masks leave, not a region.
_LEAST_REST = 1e-3

Pair = str | tuple[StrPath, StrPath | None]
ALL = "all"
_WRITTEN = "MASK:STYLE_MASK, such as sky.png:painting_sky.png"


@dataclass(frozen=True, eq=False)
class Region:
    """One pair: the look of a part of ``source`` is wanted in a part of the picture.

    Attributes:
        source: the style image, (1, 3, h, w), RGB in [0, 1]; the photo itself where its look is kept.
        source_mask: (1, 1, any, any) in [0, 1]; None: all of it.
        mask: (1, 1, any, any) in [0, 1], where in the picture; None: everywhere.
        share: how much the region weighs; with its share of the picture's area, every pixel is pulled
            as hard in a small region as in a large one, and as hard as without regions.
    """

    source: Tensor
    source_mask: Tensor | None = None
    mask: Tensor | None = None
    share: float = 1.0


def paired_regions(
    photo: Tensor,
    style_image: Tensor,
    pairs: Sequence[tuple[Tensor | None, Tensor | None]],
) -> list[Region]:
    """Return the regions of pairs of a photo mask and a style mask.

    A photo mask without a partner keeps the photo's own look there, and so does what no mask covers,
    unless a pair asks for it. Overlapping masks share their pixels; style masks may overlap freely.

    Args:
        photo: (1, 3, H, W), RGB in [0, 1].
        style_image: (1, 3, h, w), RGB in [0, 1].
        pairs: photo masks (1, 1, H, W) in [0, 1], None standing for the rest, each with its style mask
            (1, 1, any, any) in [0, 1], or None to keep the photo's look.
    """
    masks = [mask for mask, _ in pairs if mask is not None]
    parts, rest = partition(masks) if masks else ([], torch.ones_like(photo[:, :1]))
    wanted = iter(parts)
    found = [(next(wanted), style_mask) for mask, style_mask in pairs if mask is not None]
    if rest.mean() > _LEAST_REST:
        found.append((rest, next((style_mask for mask, style_mask in pairs if mask is None), None)))
    return [
        Region(
            source=photo if style_mask is None else style_image,
            source_mask=mask if style_mask is None else style_mask,
            mask=mask,
            share=float(mask.mean()),
        )
        for mask, style_mask in found
    ]


def recolored(content_image: Tensor, regions: Sequence[Region]) -> Tensor:
    """Return content images (N, 3, H, W), RGB in [0, 1], in their style images' colors, region by region.

    Where masks meet softly, so do the colors; style images that all go everywhere mix by their shares.
    """
    mixed, covered = torch.zeros_like(content_image), content_image.new_full((1, 1, 1, 1), 1e-8)
    for region in regions:
        size, source_size = content_image.shape[-2:], region.source.shape[-2:]
        mask = None if region.mask is None else resized_by_area(region.mask, (size[0], size[1]))
        source_mask = region.source_mask
        if source_mask is not None:
            source_mask = resized_by_area(source_mask, (source_size[0], source_size[1]))
        recolor = Recolor().to(content_image.device)
        recolor.take_colors_of(region.source, source_mask)
        here = recolor.with_statistics(content_image, *color_statistics(content_image, mask))
        share = content_image.new_full((1, 1, 1, 1), region.share) if mask is None else mask
        mixed, covered = mixed + share * here, covered + share
    return mixed / covered


def read_regions(
    pairs: Sequence[Pair],
    *,
    photo: Tensor,
    style_image: Tensor,
) -> list[Region]:
    """Return the regions that pairs of mask files describe; see ``paired_regions`` for what they mean.

    Args:
        pairs: a photo mask's file, or ``rest``, and a style mask's, or ``all`` for the whole style image,
            or nothing to keep the photo's own look; as a tuple or as ``mask.png:style_mask.png``.
        photo: (1, 3, H, W), RGB in [0, 1].
        style_image: (1, 3, h, w), RGB in [0, 1].

    Raises:
        UsageError: if a mask is black, has not its picture's shape, or ``rest`` comes twice.
        FaststError: if a mask cannot be read.
    """
    named = split_pairs(pairs, written=_WRITTEN)
    if sum(mask == REST for mask, _ in named) > 1:
        raise UsageError(f"--region {REST}: is given twice; the rest can have one style only")
    masks = [
        (
            None if mask == REST else _photo_mask(mask, photo),
            _style_mask(style_mask, style_image) if style_mask else None,
        )
        for mask, style_mask in named
    ]
    return paired_regions(photo, style_image, masks)


def mask_files(pairs: Sequence[Pair]) -> list[StrPath]:
    """Return the files that the pairs of ``read_regions`` name.

    Raises:
        UsageError: if a pair is not written like one.
    """
    named = [file for pair in split_pairs(pairs, written=_WRITTEN) for file in pair]
    return [file for file in named if file and file not in (REST, ALL)]


def read_style_mask(path: StrPath, style_image: Tensor) -> Tensor:
    """Return a style mask's weights, (1, 1, h, w), at the size of its file.

    Raises:
        UsageError: if it is black or has not the shape of the style image (1, 3, H, W).
        FaststError: if it cannot be read.
    """
    mask = read_mask(path)
    mask.check_aspect(style_image.shape[-2:], picture="the style image as it is worked")
    return mask.weights.to(style_image.device)


def _style_mask(path: StrPath, style_image: Tensor) -> Tensor:
    return style_image.new_ones(1, 1, 1, 1) if path == ALL else read_style_mask(path, style_image)


def _photo_mask(path: StrPath, photo: Tensor) -> Tensor:
    mask = read_mask(path)
    size = (photo.shape[-2], photo.shape[-1])
    mask.check_aspect(size, picture="the photo as it is worked")
    return resized_by_area(mask.weights.to(photo.device), size)
