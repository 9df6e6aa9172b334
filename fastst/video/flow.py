"""Optical flow between two frames: where it leads, where it can be trusted, and pictures moved along it."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fastst.runtime import load_opencv

# Flow from one frame to another: (H, W, 2), x and y in pixels; the point p of the first is at p + flow(p)
# in the second.
Flow = NDArray[np.float32]
Pixels = NDArray[np.uint8]
_Picture = TypeVar("_Picture", bound=NDArray[Any])

# A cut: less of the frame than this is found again in the one before, or what is found differs by more
# than so many of 255 levels.
_FOUND_AGAIN = 0.35
_LIKE_BEFORE = 30.0


class FlowFinder:
    """Dense inverse search flow (Kroeger et al. 2016), as OpenCV has it.

    Args:
        accurate: OpenCV's medium preset rather than its fast one.
        long_side: larger frames are searched at this size; None searches at full size.
    """

    def __init__(self, *, accurate: bool = False, long_side: int | None = None) -> None:
        self._cv2 = load_opencv("optical flow", "smooth")
        preset = (
            self._cv2.DISOPTICAL_FLOW_PRESET_MEDIUM if accurate else self._cv2.DISOPTICAL_FLOW_PRESET_FAST
        )
        self._search = self._cv2.DISOpticalFlow_create(preset)
        self._long_side = long_side

    def grey(self, rgb: Pixels) -> Pixels:
        """The picture (H, W, 3) as the search takes it: luma, (h, w), at most ``long_side``."""
        grey = self._cv2.cvtColor(rgb, self._cv2.COLOR_RGB2GRAY)
        if self._long_side is None or max(grey.shape) <= self._long_side:
            return grey
        scale = self._long_side / max(grey.shape)
        height, width = (max(16, round(side * scale)) for side in grey.shape)
        return self._cv2.resize(grey, (width, height), interpolation=self._cv2.INTER_AREA)

    def __call__(self, one: Pixels, other: Pixels) -> Flow:
        """Flow from one grey picture to another, both (h, w); (h, w, 2)."""
        return self._search.calc(one, other, None)

    def scaled(self, flow: Flow, height: int, width: int) -> Flow:
        """The flow for the same frame at another size."""
        if flow.shape[:2] == (height, width):
            return flow
        factor = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
        return self._cv2.resize(flow, (width, height), interpolation=self._cv2.INTER_LINEAR) * factor


def warp(picture: _Picture, flow: Flow) -> _Picture:
    """What a picture shows at the points that the flow leads to.

    Args:
        picture: (H, W) or (H, W, C), uint8 or float32.
        flow: (H, W, 2), into the picture; beyond its border the border is repeated.

    Returns:
        As the picture, bilinear; whole pixels are copied exactly.
    """
    cv2 = load_opencv("optical flow", "smooth")
    height, width = flow.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def agreement(forward: Flow, backward: Flow) -> NDArray[np.bool_]:
    """Where flow there and flow back cancel out: what is not hidden in the other frame.

    The test of Sundaram et al. 2010, as in Ruder et al. 2016, with w from ``forward`` at p and v from
    ``backward`` at p + w: |w + v|^2 <= 0.01 (|w|^2 + |v|^2) + 0.5; also p + w must lie inside.

    Args:
        forward: (H, W, 2), from the frame in question to the other.
        backward: (H, W, 2), from the other to it.

    Returns:
        (H, W).
    """
    back = warp(backward, forward)
    gap = np.square(forward + back).sum(axis=2)
    size = np.square(forward).sum(axis=2) + np.square(back).sum(axis=2)
    return (gap <= 0.01 * size + 0.5) & lands_inside(forward)


def lands_inside(flow: Flow) -> NDArray[np.bool_]:
    """Where the flow leads to a point of the picture, (H, W)."""
    height, width = flow.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


def away_from_boundaries(flow: Flow) -> NDArray[np.bool_]:
    """Where the flow is even, as at the edges of moving things it is wrong by a little (Ruder et al. 2016).

    |grad u|^2 + |grad v|^2 <= 0.01 |w|^2 + 0.002.

    Returns:
        (H, W).
    """
    slope = sum(
        np.square(gradient) for part in (flow[..., 0], flow[..., 1]) for gradient in np.gradient(part)
    )
    return slope <= 0.01 * np.square(flow).sum(axis=2) + 0.002


def is_cut(now: Pixels, before: Pixels, found: NDArray[np.bool_]) -> bool:
    """Whether two frames are of different shots.

    Args:
        now: (H, W), grey.
        before: (H, W), the earlier frame warped onto it.
        found: (H, W), where the flow agrees both ways.
    """
    if found.mean() < _FOUND_AGAIN:
        return True
    return float(np.abs(now[found].astype(np.int16) - before[found]).mean()) > _LIKE_BEFORE
