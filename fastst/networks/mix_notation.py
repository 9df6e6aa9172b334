"""How a mix of styles is written: ``starry-night:0.6+the-scream:0.4``."""

import math
from dataclasses import dataclass
from pathlib import Path

from fastst.errors import UsageError

_WRITTEN = "starry-night:0.6+the-scream:0.4"


@dataclass(frozen=True)
class Part:
    """A style in a mix, and its share: those of a mix add up to 1."""

    name: str
    share: float

    @property
    def label(self) -> str:
        """For people: the style without its folder, and the share."""
        return f"{Path(self.name).name.removesuffix('.safetensors')}:{self.share:.3g}"


def is_mix(style: str) -> bool:
    """Whether a style that is no name and no file is written as a mix, or as one part of a mix."""
    return "+" in style or _split(style)[1] is not None


def parse_mix(text: str) -> list[Part]:
    """Return the parts of ``starry-night:0.6+the-scream:0.4``; a weight left out is 1.

    Raises:
        UsageError: if it is not written so, names a style twice or one alone, or the weights are no shares.
    """
    named = [_split(part.strip()) for part in text.split("+")]
    names = [name for name, _ in named]
    if not all(names):
        raise UsageError(f"{text}: a part of the mix is empty; write it as {_WRITTEN}")
    if len(names) == 1:
        raise UsageError(
            f"{text}: a weight is for a mix of styles; add one, as in {_WRITTEN}, or fade with --strength"
        )
    weights = [1.0 if weight is None else weight for _, weight in named]
    for name, weight in zip(names, weights, strict=True):
        if names.count(name) > 1:
            raise UsageError(f"{text}: names {name} twice; add up its weights")
        if not 0 <= weight < math.inf:
            raise UsageError(f"{text}: the weight of {name} is {weight:g}; give a number of 0 or more")
    total = sum(weights)
    if not 0 < total < math.inf:
        raise UsageError(f"{text}: the weights add up to {total:g}; give at least one above 0")
    return [Part(name, weight / total) for name, weight in zip(names, weights, strict=True)]


def _split(part: str) -> tuple[str, float | None]:
    """Split ``the-scream:0.4``; what follows the last colon and is no number belongs to the name."""
    name, colon, weight = part.rpartition(":")
    try:
        return (name, float(weight)) if colon else (part, None)
    except ValueError:
        return part, None
