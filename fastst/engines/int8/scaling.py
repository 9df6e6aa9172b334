"""Scales of channels that a network does not mind, chosen so that all share one range well.

A map is rounded to 256 steps of its widest channel, and the others get fewer. But a channel may be divided by
anything where an instance norm's weights make it and a convolution's take it back (Nagel et al. 2019), and
before an instance norm anything at all may be added to and multiplied with a channel.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from onnx import NodeProto

from fastst.engines.int8.graph import Floats, Graph
from fastst.engines.int8.spans import Span

# What hands a channel's scale on: a half of the maps is half of what they become.
_HOMOGENEOUS = ("Relu", "Pad", "Add")
_NORM = "InstanceNormalization"
_LEAST_SHARE = 1e-3
_PLACES = 4


@dataclass
class _Linked:
    """Maps whose channels must have one scale: the residual stream, or what is within one block."""

    maps: set[str] = field(default_factory=set)
    norms: list[NodeProto] = field(default_factory=list)
    convolutions: list[NodeProto] = field(default_factory=list)
    are_free: bool = True


def level_inputs(graph: Graph, spans: dict[str, Span]) -> None:
    """Scale what convolutions read, so that every channel spans as much; nothing else changes.

    Args:
        graph: what to change.
        spans: of the maps, which change with it.
    """
    for linked in _linked_maps(graph):
        shares = [spans[name].sizes / spans[name].sizes.max() for name in linked.maps if name in spans]
        if not linked.are_free or not linked.norms or not shares:
            continue
        scales = _about_one(np.max(shares, axis=0))
        for norm in linked.norms:
            for number in (1, 2):
                graph.set_input(norm, number, graph.constant(norm.input[number]) / scales)
        for convolution in linked.convolutions:
            weights = graph.constant(convolution.input[1])
            graph.set_input(convolution, 1, weights * scales[:, None, None])
        for name in linked.maps.intersection(spans):
            spans[name] = spans[name].divided(scales)


def level_outputs(graph: Graph, spans: Mapping[str, Span], chosen: Collection[str]) -> dict[str, float]:
    """Scale and shift what convolutions write for an instance norm, so that every channel spans as much.

    Args:
        graph: what to change.
        spans: of the convolutions' outputs.
        chosen: the convolutions' names; those that do not write for a norm are left as they are.

    Returns:
        What the output's absolute values then are at most, by the names of those that write for a norm.
    """
    largest = {}
    for convolution in graph.nodes("Conv"):
        if convolution.name not in chosen or (found := _before_norm(graph, convolution)) is None:
            continue
        summands, places = found
        span = spans[convolution.output[0]]
        # All places that are shuffled into one channel are normalised as one.
        lows = span.lows.reshape(-1, places).min(axis=1).repeat(places)
        highs = span.highs.reshape(-1, places).max(axis=1).repeat(places)
        scales = _about_one((highs - lows) / 2)
        for summand in summands:
            weights = graph.constant(summand.input[1])
            graph.set_input(summand, 1, weights / scales[:, None, None, None])
        bias = graph.constant(convolution.input[2]) - (lows + highs) / 2
        graph.set_input(convolution, 2, bias / scales)
        largest[convolution.name] = float(((highs - lows) / 2 / scales).max())
    return largest


def _about_one(sizes: Floats) -> Floats:
    """Return the sizes as scales whose geometric mean is 1."""
    sizes = np.maximum(sizes, _LEAST_SHARE * sizes.max() + np.float32(1e-12))
    return np.asarray(sizes / np.exp(np.log(sizes).mean()), np.float32)


def _linked_maps(graph: Graph) -> Iterator[_Linked]:
    """Yield the maps that hand their scales on to each other, from one norm or several."""
    met: set[str] = set()
    for norm in graph.nodes(_NORM):
        if norm.output[0] in met:
            continue
        linked, waiting = _Linked(), [norm.output[0]]
        while waiting:
            name = waiting.pop()
            if name not in linked.maps:
                linked.maps.add(name)
                waiting += _neighbours(graph, name, linked)
        met |= linked.maps
        yield linked


def _neighbours(graph: Graph, name: str, linked: _Linked) -> list[str]:
    """Note what makes and reads one of the linked maps; return the maps that it is linked with directly."""
    found = []
    maker = graph.maker(name)
    if maker is not None and maker.op_type in _HOMOGENEOUS:
        found += _mapped(maker)
    elif maker is not None and maker.op_type == _NORM:
        linked.norms.append(maker)
    else:
        linked.are_free = False
    for reader in graph.readers(name):
        if reader.op_type in _HOMOGENEOUS:
            found.append(reader.output[0])
        elif reader.op_type == "Conv":
            linked.convolutions.append(reader)
        else:
            linked.are_free = False
    return found


def _mapped(node: NodeProto) -> list[str]:
    return list(node.input) if node.op_type == "Add" else [node.input[0]]


def _before_norm(graph: Graph, convolution: NodeProto) -> tuple[list[NodeProto], int] | None:
    """Return the convolutions whose sum this one's output is part of, and the places of a shuffle after them.

    None if a norm does not come next, or the convolution has no bias to shift by.
    """
    summands, name, places = [convolution], convolution.output[0], 1
    for _ in range(3):
        readers = graph.readers(name)
        if len(readers) != 1 or len(convolution.input) < 3:
            return None
        (reader,) = readers
        if reader.op_type == _NORM:
            return summands, places
        if reader.op_type == "Sum":
            made = [graph.maker(summand) for summand in reader.input]
            summands = [maker for maker in made if maker is not None and maker.op_type == "Conv"]
            if len(summands) < len(made):
                return None
        elif reader.op_type == "DepthToSpace":
            places = _PLACES
        else:
            return None
        name = reader.output[0]
    return None
