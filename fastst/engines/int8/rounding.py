"""The steps that maps and weights are rounded to, written into a graph."""

from collections.abc import Collection, Mapping

import numpy as np
from onnx import NodeProto, helper

from fastst.engines.int8.graph import Floats, Graph
from fastst.engines.int8.spans import Span
from fastst.engines.int8.splitting import padded

_LEVELS, _LARGEST_WEIGHT = 255, 127


def round_convolutions(
    graph: Graph, chosen: Collection[str], spans: Mapping[str, Span], *, outputs: Mapping[str, float]
) -> None:
    """Let convolutions read maps in 8 bits, with weights in 8 bits, a step for each of their channels.

    Maps are rounded before they are padded, once for all that read them. The sums of products stay exact;
    where they are written in 8 bits too, ONNX Runtime multiplies in them.

    Args:
        graph: what to change.
        chosen: the convolutions' names.
        spans: of what they read.
        outputs: what the absolute values are at most that are to be written in 8 bits, by convolution.
    """
    writer = _Writer(graph)
    nodes: list[NodeProto] = []
    for node in graph.nodes():
        if node.name not in chosen:
            nodes.append(node)
            continue
        source, padding = graph.unpadded(node), graph.padding(node)
        lowest, highest = float(spans[source].lows.min()), float(spans[source].highs.max())
        nodes += writer.rounded(source, lowest, highest)
        levels = f"{source}/levels"
        if padding is not None:
            nodes.append(padded(padding, levels, name=f"{node.name}/levels"))
            levels = nodes[-1].output[0]
        scaled = writer.scaled_weights(node, step=writer.step(source))
        nodes += [writer.back(levels, source, output=f"{node.name}/maps"), *scaled]
        names = [f"{node.name}/maps", *(each.output[0] for each in scaled)]
        after: list[NodeProto] = []
        written = node.output[0]
        if node.name in outputs:
            node.output[0] = f"{written}/exact"
            after = writer.rounded(node.output[0], -outputs[node.name], outputs[node.name])
            after.append(writer.back(f"{node.output[0]}/levels", node.output[0], output=written))
        del node.input[:]
        node.input.extend(names)
        nodes += [node, *after]
    graph.replace_nodes(nodes)


class _Writer:
    """Writes the constants of steps into a graph, and makes the nodes that use them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rounded: set[str] = set()

    def rounded(self, name: str, lowest: float, highest: float) -> list[NodeProto]:
        """Return the node that rounds a tensor to ``NAME/levels``; none if there is one already."""
        if name in self._rounded:
            return []
        self._rounded.add(name)
        # Zero must be a level.
        lowest, highest = min(lowest, 0.0), max(highest, 0.0)
        step = max(highest - lowest, 1e-6) / _LEVELS
        constants = [
            self._graph.set_constant(f"{name}/step", np.float32(step)),
            self._graph.set_constant(f"{name}/zero", np.uint8(round(-lowest / step))),
        ]
        return [helper.make_node("QuantizeLinear", [name, *constants], [f"{name}/levels"])]

    def step(self, name: str) -> Floats:
        """Return the step that a tensor is rounded to."""
        return self._graph.constant(f"{name}/step")

    def back(self, levels: str, name: str, *, output: str) -> NodeProto:
        """Return the node that makes values of a tensor's levels, or of a padded tensor's."""
        return helper.make_node("DequantizeLinear", [levels, f"{name}/step", f"{name}/zero"], [output])

    def scaled_weights(self, convolution: NodeProto, *, step: Floats) -> list[NodeProto]:
        """Return the nodes that make a convolution's weights, and its bias if it has one, of levels."""
        weights = self._graph.constant(convolution.input[1])
        steps = np.maximum(np.abs(weights).max(axis=(1, 2, 3)), 1e-9) / _LARGEST_WEIGHT
        levels = np.rint(weights / steps[:, None, None, None]).astype(np.int8)
        nodes = [self._scaled(f"{convolution.name}/weights8", levels, steps)]
        if len(convolution.input) > 2:
            sums = np.rint(self._graph.constant(convolution.input[2]) / (step * steps))
            bias = np.clip(sums, -(2**31) + 1, 2**31 - 1).astype(np.int32)
            nodes.append(self._scaled(f"{convolution.name}/bias32", bias, step * steps))
        return nodes

    def _scaled(self, name: str, levels: np.ndarray, steps: Floats) -> NodeProto:
        constants = [
            self._graph.set_constant(f"{name}/levels", levels),
            self._graph.set_constant(f"{name}/steps", steps.astype(np.float32)),
            self._graph.set_constant(f"{name}/zeros", np.zeros(len(levels), levels.dtype)),
        ]
        return helper.make_node("DequantizeLinear", constants, [name], axis=0)
