"""Mixed styles: the mean of the weights of networks that descend from one paints what lies between them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.networks.checkpoint import Checkpoint, Metadata, weights_digest
from fastst.networks.lineage import HeaderOf, lineage
from fastst.networks.registry import build

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


def mean_checkpoint(
    parts: Sequence[Part], checkpoints: Sequence[Checkpoint], header_of: HeaderOf
) -> Checkpoint:
    """Return the network whose weights and buffers are the mean of the parts', by their shares.

    Networks that were trained together, or from one, lie in one valley of the objective, where the mean of
    their weights paints well too (Wortsman et al. 2022, "Model soups"); that of others paints nothing.

    Args:
        parts: at least one.
        checkpoints: theirs, in the same order.
        header_of: what ``lineage`` follows trainings back with.

    Raises:
        UsageError: naming two that differ in architecture, options or lineage.
    """
    headers = [checkpoint.metadata for checkpoint in checkpoints]
    for part, header in zip(parts[1:], headers[1:], strict=True):
        _check_alike((parts[0], headers[0]), (part, header), header_of)
    states = [checkpoint.network.state_dict() for checkpoint in checkpoints]
    weights = {name: _mean([state[name] for state in states], parts) for name in states[0]}
    network = build(headers[0].architecture, **headers[0].options)
    network.load_state_dict(weights)
    return Checkpoint(network=network.eval(), metadata=_header(parts, headers, weights))


def _split(part: str) -> tuple[str, float | None]:
    """Split ``the-scream:0.4``; what follows the last colon and is no number belongs to the name."""
    name, colon, weight = part.rpartition(":")
    try:
        return (name, float(weight)) if colon else (part, None)
    except ValueError:
        return part, None


def _check_alike(one: tuple[Part, Metadata], other: tuple[Part, Metadata], header_of: HeaderOf) -> None:
    (first, model), (second, header) = one, other
    cannot = f"{first.name} and {second.name} cannot be mixed"
    if (model.architecture, model.options) != (header.architecture, header.options):
        raise UsageError(f"{cannot}: one is a {_kind(model, header)}, the other a {_kind(header, model)}")
    if lineage(model, header_of) != lineage(header, header_of):
        raise UsageError(
            f"{cannot}: they were not trained from one network; train one with --init of the other, "
            "or both with the same"
        )


def _kind(one: Metadata, other: Metadata) -> str:
    """Return the architecture, with the options if it does not tell the two apart."""
    return one.architecture if one.architecture != other.architecture else f"{one.architecture} {one.options}"


def _mean(tensors: Sequence[Tensor], parts: Sequence[Part]) -> Tensor:
    return torch.stack([part.share * tensor for part, tensor in zip(parts, tensors, strict=True)]).sum(dim=0)


def _header(parts: Sequence[Part], headers: Sequence[Metadata], weights: Mapping[str, Tensor]) -> Metadata:
    first = headers[0]
    return first.model_copy(
        update={
            "title": " + ".join(
                f"{header.title} {part.share:.0%}" for part, header in zip(parts, headers, strict=True)
            ),
            "painter": _together(header.painter for header in headers),
            "year": _together(header.year for header in headers),
            "licence": _together(header.licence for header in headers),
            "data": _together(header.data for header in headers),
            "training": {**_what_they_share(headers), "mix": {part.name: part.share for part in parts}},
            "weights_digest": weights_digest(weights),
        }
    )


def _together(values: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(value for value in values if value)) or None


def _what_they_share(headers: Sequence[Metadata]) -> dict[str, Any]:
    first, *others = (header.training for header in headers)
    return {
        name: value
        for name, value in first.items()
        if all(name in other and other[name] == value for other in others)
    }
