"""Several styles in one picture: each network stylizes all of it, and feathered masks put them together."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Unpack

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor

from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images.masks import REST, Mask, partition, read_mask, resized_by_area, split_pairs
from fastst.images.pictures import Picture, read_picture, with_alpha
from fastst.images.tensors import to_tensor
from fastst.networks.recolor import Colors
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeKeywords, StylizeOptions
from fastst.stylize.stylizer import Stylizer

_FEATHER = 0.01
_WRITTEN = "MASK:STYLE, such as sky.png:starry-night"
# Wider than any picture, and within what Pillow's blur counts in.
_WIDEST = 20_000


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
        if feather is not None and not 0 <= feather <= _WIDEST:
            raise UsageError(f"feather is {feather}; it is a width in pixels, so give 0 to {_WIDEST}")
        self.regions = tuple(regions)
        self.feather = feather
        self._stylizers = tuple(dict.fromkeys(stylizer for _, stylizer in regions))
        # One assignment, so that threads with frames of other sizes never mix the two.
        self._frame_shares: tuple[tuple[int, int], list[NDArray[np.uint16]]] = (0, 0), []

    def __call__(self, image: StrPath | Image.Image, **options: Unpack[StylizeKeywords]) -> Image.Image:
        """Stylize a file or a Pillow image of any mode; options and errors as in ``Stylizer.__call__``."""
        picture = Picture.of(image) if isinstance(image, Image.Image) else read_picture(image)
        return with_alpha(self.stylize_picture(picture, options=StylizeOptions(**options)))

    def stylize_picture(
        self,
        picture: Picture,
        *,
        options: StylizeOptions = DEFAULT_OPTIONS,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> Picture:
        """Stylize a picture, keeping its transparency and metadata.

        Args:
            picture: the photo, in whose shape the masks must be.
            options: what is chosen; it goes for every style.
            on_progress: called with the share of a style's work that is done, for one style after another.

        Raises:
            UsageError: if a mask has not the photo's shape, or the memory is too little for any tile.
            FaststError: if memory runs out.
        """
        self.check_masks((picture.rgb.height, picture.rgb.width), picture="the photo")
        painted = [
            stylizer.stylize_picture(picture, options=options, on_progress=on_progress)
            for stylizer in self._stylizers
        ]
        photo, size = picture.rgb, painted[0].rgb.size
        if photo.size != size:
            photo = photo.resize(size, Image.Resampling.LANCZOS)
        layers = [np.asarray(image) for image in (photo, *(one.rgb for one in painted))]
        composed = _composed(layers, self._shares((photo.height, photo.width)))
        return Picture(rgb=Image.fromarray(composed), alpha=painted[0].alpha, info=picture.info)

    def frame(self, frame: NDArray[np.uint8], colors: Colors | None = None) -> NDArray[np.uint8]:
        """Stylize one video frame as fast as can be; the masks are made ready once for frames of one size.

        Args:
            frame: (H, W, 3), RGB, uint8, in the masks' shape.
            colors: those of the video, by which the frame is recolored; None: the frame's own.

        Returns:
            The same shape, an array of its own.

        Raises:
            UsageError: if it is no such array, or a mask has not its shape.
            FaststError: if memory runs out.
        """
        layers = [frame, *(stylizer.frame(frame, colors) for stylizer in self._stylizers)]
        size = frame.shape[0], frame.shape[1]
        known_size, shares = self._frame_shares
        if size != known_size:
            self.check_masks(size, picture="the frame")
            # Broadcasting over the colors at every frame would take six times as long.
            shares = [share.repeat(3, axis=2) for share in self._shares(size)]
            self._frame_shares = size, shares
        return _composed(layers, shares)

    @property
    def mask_files(self) -> list[Path]:
        """The masks' files."""
        return [mask.path for mask, _ in self.regions if mask is not None]

    def check_masks(self, size: tuple[int, int], *, picture: str) -> None:
        """Refuse masks that have not the shape of what is to be stylized.

        Args:
            size: its height and width in pixels.
            picture: what to call it.

        Raises:
            UsageError: naming the first such mask.
        """
        for mask, _ in self.regions:
            if mask is not None:
                mask.check_aspect(size, picture=picture)

    def _shares(self, size: tuple[int, int]) -> list[NDArray[np.uint16]]:
        """Return what the photo and then each stylizer get of every pixel, in 256ths, (H, W, 1) each."""
        width = _FEATHER * max(size) if self.feather is None else self.feather
        masks = [_feathered(mask.weights, size, width)[0] for mask, _ in self.regions if mask is not None]
        parts, rest = partition(masks) if masks else ([], torch.ones(1, *size))
        nothing, in_turn = torch.zeros_like(rest), iter(parts)
        shares = dict.fromkeys(self._stylizers, nothing)
        for mask, stylizer in self.regions:
            shares[stylizer] = shares[stylizer] + (rest if mask is None else next(in_turn))
        has_rest = len(parts) < len(self.regions)
        return _in_256ths([nothing if has_rest else rest, *shares.values()])


def read_style_regions(
    regions: Sequence[str | tuple[StrPath, str]],
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
    named = split_pairs(regions, written=_WRITTEN)
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


def _in_256ths(shares: Sequence[Tensor]) -> list[NDArray[np.uint16]]:
    """Return shares (1, H, W), which add up to 1, as whole numbers (H, W, 1) that add up to 256."""
    ends = torch.stack(list(shares)).cumsum(dim=0).mul(256).round()
    counts = torch.diff(ends, dim=0, prepend=torch.zeros_like(ends[:1]))
    return list(counts[:, 0, :, :, None].numpy().astype(np.uint16))


def _composed(layers: Sequence[NDArray[np.uint8]], shares: Sequence[NDArray[np.uint16]]) -> NDArray[np.uint8]:
    """Mix pictures (H, W, 3) by their shares in 256ths, (H, W, 1) or (H, W, 3).

    All of it fits into 16 bits, in which it takes half as long as in float32.
    """
    total = np.full(layers[0].shape, 128, np.uint16)  # so that the shift rounds
    for layer, share in zip(layers, shares, strict=True):
        total += np.multiply(layer, share, dtype=np.uint16)
    return (total >> 8).astype(np.uint8)
