"""Phones film lying on the side and write into the file how to turn the picture; here it is turned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

_ONE = 1 << 16


@dataclass(frozen=True)
class Turn:
    """A right-angled turn or mirroring: transpose first, then flip.

    Attributes:
        transposed: whether rows become columns.
        flipped_horizontally: left to right, after that.
        flipped_vertically: top to bottom, after that.
    """

    transposed: bool = False
    flipped_horizontally: bool = False
    flipped_vertically: bool = False

    def apply(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn (H, W) or (H, W, C)."""
        if self == Turn():
            return pixels
        if self.transposed:
            pixels = pixels.swapaxes(0, 1)
        if self.flipped_horizontally:
            pixels = pixels[:, ::-1]
        if self.flipped_vertically:
            pixels = pixels[::-1]
        return np.ascontiguousarray(pixels)


def turn_of(frame: VideoFrame) -> Turn:
    """Read the turn from the frame's display matrix; one that is not right-angled counts as none."""
    attached: Mapping[str, Any] = frame.side_data
    data = attached.get("DISPLAYMATRIX")
    return Turn() if data is None else turn_by_matrix(np.frombuffer(data, dtype=np.int32))


def turn_by_matrix(matrix: NDArray[np.int32]) -> Turn:
    """The turn that a display matrix (9) describes, in 16.16 fixed point as in ISO 14496-12.

    A point (x, y) is shown at (a x + c y, b x + d y) for the matrix (a, b, u, c, d, v, x, y, w).
    """
    a, b, _, c, d = (int(value) / _ONE for value in matrix[:5])
    if abs(a) == abs(d) == 1 and b == c == 0:
        return Turn(False, a < 0, d < 0)
    if abs(b) == abs(c) == 1 and a == d == 0:
        return Turn(True, c < 0, b < 0)
    return Turn()
