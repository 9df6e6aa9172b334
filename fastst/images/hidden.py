"""Colors that nobody sees: what a picture holds where it is wholly clear, such as black or magenta.

A network would see them, and its statistics would change what is seen beside them.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def filled(rgb: Image.Image, alpha: Image.Image) -> Image.Image:
    """Return the colors with those that are hidden replaced by the mean of what is visible nearest to them.

    Args:
        rgb: mode RGB.
        alpha: mode L, of the same size; 0 hides.
    """
    if alpha.getextrema()[0] != 0:
        return rgb
    visible = np.asarray(alpha) > 0
    pixels = np.array(rgb)
    if not visible.any():
        pixels[:] = 255
    else:
        sums, counts = _quarter(pixels, visible)
        pixels[~visible] = _spread(_known(sums, counts), visible.shape)[~visible]
    return Image.fromarray(pixels)


def _known(sums: NDArray[np.float32], counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """The means (H, W, 3) of what is visible, filled from coarser and coarser ones where nothing is."""
    means = (sums / np.maximum(counts, 1)[..., None]).astype(np.float32)
    hidden = counts == 0
    if hidden.any():
        coarser = _known(*_quarter(means, ~hidden))
        means[hidden] = _spread(coarser, hidden.shape)[hidden]
    return means


def _quarter(
    pixels: NDArray[np.uint8] | NDArray[np.float32], visible: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sum the visible of each two by two pixels; return sums (h, w, 3) and counts (h, w)."""
    height, width = visible.shape
    sums = np.zeros((-(-height // 2), -(-width // 2), 3), np.float32)
    counts = np.zeros(sums.shape[:2], np.float32)
    for row in (0, 1):
        for column in (0, 1):
            part, seen = pixels[row::2, column::2], visible[row::2, column::2]
            sums[: seen.shape[0], : seen.shape[1]] += np.where(seen[..., None], part, 0)
            counts[: seen.shape[0], : seen.shape[1]] += seen
    return sums, counts


def _spread(means: NDArray[np.float32], shape: tuple[int, ...]) -> Pixels:
    """Make each pixel two by two, cut to ``shape``."""
    twice = np.rint(means).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    return twice[: shape[0], : shape[1]]
