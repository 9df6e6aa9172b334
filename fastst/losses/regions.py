"""Which part of a style image goes to which part of a photo."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fastst.masks import partition

# Under this share of the picture, what no mask covers is the rim that soft masks leave, not a region.
_LEAST_REST = 1e-3


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
