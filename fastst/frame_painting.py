"""The one place where films and cameras meet the network: a frame in, a frame out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fastst.stylizer import Stylizer

# (H, W, 3), RGB, uint8, to the same.
FramePainter = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


def frame_painter(stylizer: Stylizer, *, strength: float = 1.0, keep_colors: bool = False) -> FramePainter:
    """Return a function that repaints one frame after another.

    Args:
        stylizer: the network to repaint with.
        strength: 0 (the frame) to 1 (the stylised frame).
        keep_colors: keep the colours of the frame.
    """

    def paint(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return stylizer(rgb, strength=strength, keep_colors=keep_colors)

    return paint
