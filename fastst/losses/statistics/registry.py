"""The style statistics by name, and how a sum of them is written."""

from collections.abc import Mapping

from fastst.errors import UsageError
from fastst.losses.statistics.base import StyleStatistic
from fastst.losses.statistics.correlation import Correlation
from fastst.losses.statistics.covariance import Covariance
from fastst.losses.statistics.gram import Gram
from fastst.losses.statistics.higher_moments import HigherMoments
from fastst.losses.statistics.histogram import Histogram
from fastst.losses.statistics.moments import Moments
from fastst.losses.statistics.mrf import Mrf
from fastst.losses.statistics.patches import Patches
from fastst.losses.statistics.sliced_wasserstein import SlicedWasserstein
from fastst.losses.statistics.spatial_histogram import SpatialHistogram
from fastst.losses.statistics.texture import Texture
from fastst.losses.statistics.wasserstein import Wasserstein

STATISTICS: Mapping[str, type[StyleStatistic]] = {
    "gram": Gram,
    "covariance": Covariance,
    "moments": Moments,
    "higher-moments": HigherMoments,
    "histogram": Histogram,
    "wasserstein": Wasserstein,
    "sliced-wasserstein": SlicedWasserstein,
    "correlation": Correlation,
    "patches": Patches,
    "mrf": Mrf,
    "spatial-histogram": SpatialHistogram,
    "texture": Texture,
}


def parse_style_loss(text: str) -> dict[str, float]:
    """Return the weights by name of ``gram:1+histogram:0.5``; a weight left out is 1.

    Raises:
        UsageError: if it is not written like that, or names a statistic twice.
    """
    pairs = [part.strip().partition(":") for part in text.split("+") if part.strip()]
    weights: dict[str, float] = {}
    for name, colon, weight in pairs:
        if name in weights:
            raise UsageError(f"style loss {text}: names {name} twice; add up its weights")
        try:
            weights[name] = float(weight) if colon else 1.0
        except ValueError as error:
            raise UsageError(f"style loss {text}: write it as gram:1+histogram:0.5") from error
    return weights


def check_style_loss(weights: Mapping[str, float]) -> None:
    """Refuse weights of statistics that there are not, weights of 0 or less, and none at all.

    Raises:
        UsageError: saying which, and what there is.
    """
    for name, weight in weights.items():
        if name not in STATISTICS:
            raise UsageError(f"style loss {name}: no such statistic; there are {', '.join(STATISTICS)}")
        if not 0 < weight < float("inf"):
            raise UsageError(f"style loss {name}: its weight is {weight}; give a number above 0")
    if not weights:
        raise UsageError("no style loss: give at least one, such as gram")
