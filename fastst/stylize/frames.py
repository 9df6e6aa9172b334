"""The one place where films and cameras meet the network: a frame in, a frame out."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from fastst.images import colors
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer

Frame = NDArray[np.uint8]
# (H, W, 3), RGB, uint8, to the same.
FramePainter = Callable[[Frame], Frame]


def frame_painter(
    stylizer: Stylizer | RegionStylizer, *, strength: float = 1.0, keep_colors: bool = False
) -> FramePainter:
    """Return a function that repaints one frame after another.

    Args:
        stylizer: the network to repaint with, or several in their regions.
        strength: 0 (the frame) to 1 (the stylised frame).
        keep_colors: keep the colours of the frame.
    """
    if strength == 1 and not keep_colors:
        return stylizer.frame

    def paint(rgb: Frame) -> Frame:
        content, stylised = _planes(rgb), _planes(stylizer.frame(rgb))
        if keep_colors:
            stylised = colors.keep_colors(stylised, content)
        blended = torch.lerp(content, stylised, strength).mul_(255).round_().clamp_(0, 255)
        return blended.byte().permute(1, 2, 0).contiguous().numpy()

    return paint


def _planes(rgb: Frame) -> torch.Tensor:
    return torch.from_numpy(np.array(rgb)).permute(2, 0, 1).float() / 255
