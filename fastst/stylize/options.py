"""What may be chosen for a picture that is repainted."""

from dataclasses import dataclass
from typing import TypedDict

from fastst.errors import UsageError
from fastst.images.pictures import check_size

_MAX_STROKE_SIZE = 16


@dataclass(frozen=True, kw_only=True)
class PaintingOptions:
    """Choices for one picture or many.

    Attributes:
        size: the long side of the result in pixels; None leaves it as it is.
        strength: 0 (the photo) to 1 (the stylised picture), blended linearly.
        keep_colors: take only the luminance from the stylised picture and the colours from the photo.
        stroke_size: how many times larger brush strokes are than the network's own, 1 to 16.

    Raises:
        UsageError: if ``size``, ``strength`` or ``stroke_size`` is out of range.
    """

    size: int | None = None
    strength: float = 1.0
    keep_colors: bool = False
    stroke_size: float = 1.0

    def __post_init__(self) -> None:
        check_size(self.size)
        if not 0 <= self.strength <= 1:
            raise UsageError(f"strength is {self.strength}; give 0 (the photo) to 1 (the stylised picture)")
        if not 1 <= self.stroke_size <= _MAX_STROKE_SIZE:
            raise UsageError(
                f"stroke size is {self.stroke_size}; give 1, the network's own, to {_MAX_STROKE_SIZE} "
                "times that"
            )


class PaintingKeywords(TypedDict, total=False):
    """``PaintingOptions`` as keywords, for calls that take them one by one."""

    size: int | None
    strength: float
    keep_colors: bool
    stroke_size: float


DEFAULT_OPTIONS = PaintingOptions()
