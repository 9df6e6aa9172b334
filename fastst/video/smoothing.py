"""Less flicker while a video runs: blend each frame with the one before, moved along with the picture."""

import numpy as np

from fastst.runtime import load_opencv
from fastst.stylize.frames import FrameStylizer
from fastst.video.flow import Flow, FlowFinder, Pixels, agreement, is_cut, warp

_SEARCH_SIDE = 384
# Slower than this, in pixels of the output, is taken as still: each move blurs a little, and still things
# would be moved a hundred times.
_STILL = 0.3
# A pixel that looks different by so many levels is not the same thing.
_SAME_LEVELS = 16.0


class Smoother:
    """Keeps the last frame and blends it into the next.

    Where optical flow agrees both ways and the video's pixels look alike, ``weight`` of the result is the
    earlier output, warped; nowhere else, and not across a cut (Ruder et al. 2016, at run time).

    Args:
        weight: in [0, 1); the flicker of still things falls to about (1 - w) / (1 + w) of its power.
    """

    def __init__(self, *, weight: float = 0.7) -> None:
        self._weight = weight
        self._find = FlowFinder(long_side=_SEARCH_SIDE)
        self._cv2 = load_opencv("--smooth", "smooth")
        self._before: Pixels | None = None
        self._output: Pixels | None = None

    def __call__(self, frame: Pixels, stylized: Pixels) -> Pixels:
        """Return the stylized frame, steadied.

        Args:
            frame: the video's own, (H, W, 3), RGB.
            stylized: likewise, of the same size.
        """
        now = self._find.grey(frame)
        before, last = self._before, self._output
        self._before = now
        if before is None or last is None or before.shape != now.shape or last.shape != stylized.shape:
            self._output = stylized
        else:
            self._output = self._blend(now, before, stylized, last)
        return self._output

    def _blend(self, now: Pixels, before: Pixels, stylized: Pixels, last: Pixels) -> Pixels:
        flow = self._find(now, before)
        found = agreement(flow, self._find(before, now))
        earlier = warp(before, flow)
        if is_cut(now, earlier, found):
            return stylized
        height, width = stylized.shape[:2]
        share = self._cv2.resize(self._shares(now, earlier, found), (width, height))[..., None]
        moved = warp(last, _with_rest(self._find.scaled(flow, height, width)))
        blended = stylized + share * (moved.astype(np.float32) - stylized)
        return np.rint(blended).astype(np.uint8)

    def _shares(self, now: Pixels, earlier: Pixels, found: np.ndarray) -> np.ndarray:
        """How much of the earlier output each pixel takes, (h, w), without hard edges."""
        difference = self._cv2.blur(np.abs(now.astype(np.float32) - earlier), (3, 3))
        alike = np.exp(-np.square(difference / _SAME_LEVELS))
        # What is next to something hidden is not to be trusted either.
        sure = self._cv2.erode(found.astype(np.float32), np.ones((3, 3)))
        return self._weight * self._cv2.blur(sure * alike, (3, 3))


def is_new_scene(before: Pixels, frame: Pixels) -> bool:
    """Whether a ``Smoother`` takes nothing of the frame before, (H, W, 3), RGB, into this one."""
    find = FlowFinder(long_side=_SEARCH_SIDE)
    now, earlier = find.grey(frame), find.grey(before)
    flow = find(now, earlier)
    return is_cut(now, warp(earlier, flow), agreement(flow, find(earlier, now)))


def smoothed(paint: FrameStylizer) -> FrameStylizer:
    """Return a painter for one video from its beginning, whose frames are steadied as they come."""
    smoother = Smoother()
    return lambda frame: smoother(frame, paint(frame))


def _with_rest(flow: Flow) -> Flow:
    still = np.square(flow).sum(axis=2) < _STILL**2
    return np.where(still[..., None], np.float32(0), flow)
