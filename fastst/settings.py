"""Settings checked by their models, with the complaint in one line."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fastst.errors import UsageError

_Settings = TypeVar("_Settings", bound=BaseModel)
_REASONS = {"extra_forbidden": "there is no such setting", "missing": "it is required"}

# Settings by the names that they had; recipes, checkpoints and saved trainings hold them so.
_FORMER_NAMES = {
    "average": "ema_decay",
    "licence": "license",
    "steady": "temporal_weight",
    "style_strength": "style_weight",
    "variation_weight": "tv_weight",
}


def by_their_names(values: Any) -> Any:
    """Return settings by the names that they have now, whichever they were written by."""
    if not isinstance(values, Mapping):
        return values
    return {_FORMER_NAMES.get(name, name): value for name, value in values.items()}


def validated(model: type[_Settings], values: Mapping[str, Any], *, origin: str) -> _Settings:
    """Return the values as a ``model``, defaults filled in.

    Raises:
        UsageError: naming ``origin`` and the first setting that is unknown, missing or out of range.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise in_one_line(error, origin=origin) from error


def in_one_line(error: ValidationError, *, origin: str) -> UsageError:
    """Return a complaint that names ``origin`` and the first setting that is wrong."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    reason = _REASONS.get(first["type"], first["msg"].lower())
    return UsageError(f"{origin}: {name}: {reason}")
