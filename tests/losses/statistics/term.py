"""Terms before calibration, which is a measured number and no part of a formula."""

from torch import Tensor

from fastst.losses.statistics.registry import STATISTICS


def term(
    name: str, style: Tensor, picture: Tensor, *, style_map: Tensor | None = None, map: Tensor | None = None
) -> list[float]:
    """Return each picture's term of a statistic."""
    kind = STATISTICS[name]
    return kind(style, style_map, weight=1 / kind.calibration)(picture, map).tolist()
