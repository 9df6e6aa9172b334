"""Mixed styles: the mean of the weights of networks that descend from one paints what lies between them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.networks.checkpoint import Checkpoint, weights_digest
from fastst.networks.header import Metadata
from fastst.networks.lineage import HeaderOf, lineage
from fastst.networks.mix_notation import Part
from fastst.networks.registry import build


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
            "license": _together(header.license for header in headers),
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
