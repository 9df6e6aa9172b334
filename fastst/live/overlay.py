"""What is written onto the live picture: one line at the bottom, and the keys when asked for."""

from collections.abc import Sequence

import numpy as np

from fastst.flow import Pixels
from fastst.opencv import load_opencv

_WHITE, _RED = (255, 255, 255), (235, 40, 40)
# The text's scale on a picture 720 px high.
_SCALE, _HEIGHT = 0.75, 720
_SHADE = 0.45


def side_by_side(source: Pixels, stylised: Pixels) -> Pixels:
    """The left half of the source beside the right half of the stylised picture, both (H, W, 3)."""
    middle = source.shape[1] // 2
    joined = np.concatenate((source[:, :middle], stylised[:, middle:]), axis=1)
    joined[:, max(middle - 1, 0) : middle + 1] = 255
    return joined


def with_text(picture: Pixels, line: str, *, helps: Sequence[str] = (), records: bool = False) -> Pixels:
    """A copy of the picture (H, W, 3) with a line at the bottom left on a darkened strip.

    Args:
        picture: what to write on.
        line: at the bottom.
        helps: lines at the top left.
        records: draw a red dot at the top right.
    """
    cv2 = load_opencv("the window", "webcam")
    picture = picture.copy()
    height, width = picture.shape[:2]
    scale = max(0.35, _SCALE * height / _HEIGHT)
    font, weight = cv2.FONT_HERSHEY_SIMPLEX, max(1, round(2 * scale))
    row = round(36 * scale)

    def write(text: str, bottom: int) -> None:
        (long, _), _ = cv2.getTextSize(text, font, scale, weight)
        strip = picture[max(bottom - row, 0) : bottom, : min(long + row, width)]
        strip[:] = (strip * _SHADE).astype(np.uint8)
        place = (row // 2, bottom - row // 3)
        cv2.putText(picture, text, place, font, scale, _WHITE, weight, cv2.LINE_AA)

    write(line, height)
    for number, text in enumerate(helps, start=1):
        write(text, number * row)
    if records:
        cv2.circle(picture, (width - row, row), row // 3, _RED, -1, cv2.LINE_AA)
    return picture
