"""The one place where videos and cameras meet the network: a frame in, a frame out."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from fastst.engines.base import frame_colors
from fastst.images import colors
from fastst.networks.recolor import Colors
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer

# What a new frame adds to the running mean: half of a lasting change is taken over in 7 frames.
_NEWS = 0.1
# Colors that differ by more than this share of their spread are those of another scene.
_CUT = 0.5
_LEAST_SPREAD = 0.05

Frame = NDArray[np.uint8]
# (H, W, 3), RGB, uint8, to the same.
FrameStylizer = Callable[[Frame], Frame]


class FilmColors:
    """The colors that a video's frames are recolored by: their running mean, which begins anew at a cut.

    By each frame's own, all of the picture would change its colors when something bright comes into view.

    Attributes:
        running: the colors so far; None before the first frame.
    """

    def __init__(self, running: Colors | None = None) -> None:
        self.running = running

    def __call__(self, frame: Frame) -> Colors:
        """Return the colors to recolor the next frame by, (H, W, 3), RGB, uint8."""
        return self.follow(frame_colors(frame))

    def follow(self, now: Colors) -> Colors:
        """Do the same for a frame of which only its own colors are known."""
        before = self.running
        if before is None or _are_far_apart(now, before):
            self.running = now
        else:
            mean, covariance = (torch.lerp(old, new, _NEWS) for old, new in zip(before, now, strict=True))
            self.running = mean, covariance
        return self.running


def _are_far_apart(now: Colors, before: Colors) -> bool:
    spread = before[1].diagonal(dim1=1, dim2=2).sum().sqrt() + _LEAST_SPREAD
    changed = (now[1] - before[1]).norm().sqrt()
    return bool(torch.maximum((now[0] - before[0]).norm(), changed) > _CUT * spread)


def frame_stylizer(
    stylizer: Stylizer | RegionStylizer,
    *,
    strength: float = 1.0,
    keep_colors: bool = False,
    film_colors: FilmColors | None = None,
) -> FrameStylizer:
    """Return a function that stylizes one frame of a video after another.

    Args:
        stylizer: the network to stylize with, or several in their regions.
        strength: 0 (the frame) to 1 (the stylized frame).
        keep_colors: keep the colors of the frame.
        film_colors: of the video so far; None: it begins now.
    """
    film_colors = film_colors or FilmColors()

    def stylize(rgb: Frame) -> Frame:
        return stylizer.frame(rgb, film_colors(rgb))

    if strength == 1 and not keep_colors:
        return stylize

    def paint(rgb: Frame) -> Frame:
        content, stylized = _planes(rgb), _planes(stylize(rgb))
        if keep_colors:
            stylized = colors.keep_colors(stylized, content)
        blended = torch.lerp(content, stylized, strength).mul_(255).round_().clamp_(0, 255)
        return blended.byte().permute(1, 2, 0).contiguous().numpy()

    return paint


def _planes(rgb: Frame) -> torch.Tensor:
    return torch.from_numpy(np.array(rgb)).permute(2, 0, 1).float() / 255
