"""Brush strokes larger than the network's own: painted on a reduced photo, enlarged along its edges."""

import math
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from fastst.images.colors import luminance
from fastst.stylize.tiling.canvas import Canvas
from fastst.stylize.tiling.geometry import Geometry
from fastst.stylize.tiling.tiles import Span, Tile, cut, read_pixels

# The guided filter's radius in px of the reduced picture, and the variance below which nothing is an edge.
_RADIUS = 2
_FLAT = 1e-3
# What a pixel depends on to each side in the reduced picture: that radius and the bicubic kernel.
_MARGIN = _RADIUS + 3
_LANCZOS_LOBES = 3
_STRIP_BYTES = 64_000_000
_TILE_SIDE = 1024
_NO_OVERLAP = Geometry(reach=0, alignment=1)


def reduced(picture: Canvas, scale: float) -> Canvas:
    """The picture ``scale`` times smaller, by Pillow's Lanczos filter, made strip by strip."""
    height, width = (max(1, round(side / scale)) for side in (picture.height, picture.width))
    small = picture.blank(height, width)
    step = picture.height / height
    rows = max(1, int(_STRIP_BYTES / (picture.width * 3 * step)))
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        first = max(0, math.floor((start - _LANCZOS_LOBES) * step) - 1)
        last = min(picture.height, math.ceil((stop + _LANCZOS_LOBES) * step) + 1)
        strip = Image.fromarray(picture.read(slice(first, last), slice(0, picture.width)))
        box = (0, start * step - first, picture.width, min(stop * step, picture.height) - first)
        resized = strip.resize((width, stop - start), Image.Resampling.LANCZOS, box=box)
        small.write(slice(start, stop), slice(0, width), np.asarray(resized))
    return small


def enlarge_tiles(
    picture: Canvas,
    small: Canvas,
    small_stylized: Canvas,
    put: Callable[[Tile, Tensor, Tensor], None],
    *,
    device: torch.device,
    on_progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Enlarge a stylized picture, with the detail that the photo has and the reduced photo lacks.

    Joint upsampling by the guided filter (He, Sun, Tang 2010; He and Sun 2015): around each pixel of the
    reduced picture the stylized colors are fitted as affine functions of the photo's luminance. Here the
    slope alone is used: stylized + slope · (luminance − luminance of the reduced photo), both enlarged
    bicubically. The strokes stay, which the guided filter itself wipes out; contours become sharp; and flat
    areas, where strokes have nothing to do with the photo, keep no texture of it, as they would if the
    detail were simply added. A second run of the network at full size was tried as well: it covers the large
    strokes with small ones, and the contours stay soft.

    Args:
        picture: the photo.
        small: the photo, reduced.
        small_stylized: that, stylized, of the same size.
        put: called with each tile, its photo and its stylized picture, both (1, 3, h, w), RGB in [0, 1].
        device: where to compute.
        on_progress: called with the share of the work that is done.
    """
    tiles = cut(picture.height, picture.width, side=_TILE_SIDE, geometry=_NO_OVERLAP)
    with torch.inference_mode():
        for done, tile in enumerate(tiles, start=1):
            rows = _window(tile.rows, picture.height / small.height, small.height)
            columns = _window(tile.columns, picture.width / small.width, small.width)
            guide = luminance(read_pixels(small, (rows, columns), device))
            stylized = read_pixels(small_stylized, (rows, columns), device)
            maps = torch.cat((stylized, _slope(guide, stylized), guide), dim=1)
            down = _positions(tile.rows, picture.height / small.height, rows, device)
            across = _positions(tile.columns, picture.width / small.width, columns, device)
            grid = torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1)[None]
            maps = F.grid_sample(maps, grid, mode="bicubic", padding_mode="border", align_corners=False)
            photo = read_pixels(picture, tile.inner, device)
            put(tile, photo, maps[:, :3] + maps[:, 3:6] * (luminance(photo) - maps[:, 6:]))
            on_progress(done / len(tiles))


def _slope(guide: Tensor, stylized: Tensor) -> Tensor:
    """The change of each stylized color with the luminance, around each pixel: (1, 3, h, w)."""
    both = _box_mean(torch.cat((guide, stylized, guide * guide, guide * stylized), dim=1))
    mean, mean_stylized, square, product = both.split((1, 3, 1, 3), dim=1)
    return (product - mean * mean_stylized) / (square - mean * mean + _FLAT)


def _box_mean(maps: Tensor) -> Tensor:
    padded = F.pad(maps, (_RADIUS,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * _RADIUS + 1, stride=1)


def _window(span: Span, step: float, length: int) -> slice:
    """The pixels of the reduced side that the span depends on."""
    return slice(
        max(0, math.floor(span.start / step) - _MARGIN), min(length, math.ceil(span.stop / step) + _MARGIN)
    )


def _positions(span: Span, step: float, window: slice, device: torch.device) -> Tensor:
    """Where the span's pixels lie in the window, from −1 at its first edge to 1 at its last."""
    centers = (torch.arange(span.start, span.stop, dtype=torch.float64) + 0.5) / step - window.start
    return (2 * centers / (window.stop - window.start) - 1).to(device, torch.float32)
