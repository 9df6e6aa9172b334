"""Flicker in numbers: how far a frame is from the one before, moved to where it should be."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastst.errors import FaststError
from fastst.files import StrPath, check_is_file
from fastst.video.flow import Flow

_LEVELS = 255.0

_TAG = 202021.25
_UNKNOWN = 1e9
_HEADER = 12
_MOST_PIXELS = 200_000_000


@dataclass(frozen=True)
class SquaredErrors:
    """A sum of squared differences and their number, to be added up over a clip.

    Attributes:
        total: the sum, of values in [0, 1].
        count: how many.
    """

    total: float = 0.0
    count: int = 0

    def __add__(self, other: "SquaredErrors") -> "SquaredErrors":
        return SquaredErrors(self.total + other.total, self.count + other.count)

    @property
    def root_mean(self) -> float:
        """The root of the mean; NaN of none."""
        return math.sqrt(self.total / self.count) if self.count else math.nan


def warping_errors(
    now: NDArray[np.uint8], warped: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> SquaredErrors:
    """Compare a frame with the one before, warped onto it.

    Their root mean is the stability error of Lai et al. 2018 and Gao et al. 2018:
    sqrt(mean over the mask and the colors of (now - warped)^2).

    Args:
        now: (H, W, 3), of 255.
        warped: likewise.
        mask: (H, W), where nothing was hidden.
    """
    difference = (now[mask].astype(np.float64) - warped[mask]) / _LEVELS
    return SquaredErrors(float(np.square(difference).sum()), difference.size)


def mean_change(one: NDArray[np.uint8], other: NDArray[np.uint8], mask: NDArray[np.bool_]) -> float:
    """Mean absolute difference of two frames (H, W, 3) within a mask (H, W), as a share of 255."""
    if not mask.any():
        return math.nan
    return float(np.abs(one[mask].astype(np.int16) - other[mask]).mean()) / _LEVELS


class Spread:
    """How much each pixel varies over a clip, in one pass and constant memory (Welford 1962)."""

    def __init__(self) -> None:
        self._count = 0
        self._mean: NDArray[np.float64] | None = None
        self._squares: NDArray[np.float64] | None = None

    def add(self, plane: NDArray[np.generic]) -> None:
        """Take in a frame's plane, (H, W)."""
        values = plane.astype(np.float64)
        self._count += 1
        if self._mean is None or self._squares is None:
            self._mean, self._squares = values, np.zeros_like(values)
            return
        step = values - self._mean
        self._mean = self._mean + step / self._count
        self._squares = self._squares + step * (values - self._mean)

    @property
    def deviation(self) -> NDArray[np.float64]:
        """Each pixel's standard deviation, (H, W)."""
        if self._squares is None:
            return np.zeros((0, 0))
        return np.sqrt(self._squares / self._count)


def read_flow(path: StrPath) -> Flow:
    """Read a .flo file: (H, W, 2), x and y in pixels, NaN where the flow is not known.

    That is true optical flow in Middlebury's format (Baker et al. 2011).

    Raises:
        FaststError: if the file cannot be read or is no such file.
    """
    path = Path(path)
    try:
        check_is_file(path, what="a flow file")
        data = path.read_bytes()
    except OSError as error:
        raise FaststError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    if len(data) < _HEADER or np.frombuffer(data, "<f4", 1)[0] != _TAG:
        raise FaststError(f"{path}: is not a Middlebury flow file (.flo)")
    width, height = (int(side) for side in np.frombuffer(data, "<i4", 2, offset=4))
    if min(width, height) < 1 or width * height > _MOST_PIXELS or len(data) != _HEADER + 8 * width * height:
        raise FaststError(f"{path}: is cut short or damaged; fetch or copy it again")
    flow = np.frombuffer(data, "<f4", offset=_HEADER).reshape(height, width, 2).astype(np.float32)
    flow[np.abs(flow).max(axis=2) > _UNKNOWN] = np.nan
    return flow
