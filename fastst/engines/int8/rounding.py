"""The steps that maps and weights are rounded to, written into a graph."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from onnx import NodeProto, helper

from fastst.engines.int8.graph import Floats, Graph
from fastst.engines.int8.spans import Span
from fastst.engines.int8.splitting import padded

_LEVELS, _LARGEST_WEIGHT = 255, 127


def round_convolutions(
    graph: Graph,
    chosen: Collection[str],
    spans: Mapping[str, Span],
    *,
    fine: Collection[str] = (),
    outputs: Mapping[str, float],
) -> None:
    """Let convolutions read maps in 8 bits, with weights in 8 bits, a step for each of their channels.

    Maps are rounded before they are padded, once for all that read them. The sums of products stay exact;
    where they are written in 8 bits too, ONNX Runtime multiplies in them.

    Args:
        graph: what to change.
        chosen: the convolutions' names.
        spans: of what they read.
        fine: of those chosen, which read 16 bits: what the 8 bits leave over is rounded to 8 more, of which a
            second convolution makes what it adds.
        outputs: what the absolute values are at most that are to be written in 8 bits, by convolution.
    """
    writer = _Writer(graph)
    nodes: list[NodeProto] = []
    for node in graph.nodes():
        if node.name in chosen:
            nodes += writer.convolved(node, spans, fine=node.name in fine, largest=outputs.get(node.name))
        else:
            nodes.append(node)
    graph.replace_nodes(nodes)


class _Writer:
    """Writes the constants of steps into a graph, and makes the nodes that use them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._rounded: set[str] = set()

    def convolved(
        self, convolution: NodeProto, spans: Mapping[str, Span], *, fine: bool, largest: float | None
    ) -> list[NodeProto]:
        """Return what takes a convolution's place."""
        source, name, output = self._graph.unpadded(convolution), convolution.name, convolution.output[0]
        lowest, highest = float(spans[source].lows.min()), float(spans[source].highs.max())
        nodes = self.rounded(source, lowest, highest)
        weights, bias = self._weights(convolution), list(convolution.input[2:])
        nodes.append(weights)
        nodes += self._of_levels(convolution, source, name=name, inputs=[weights.output[0], *bias])
        exact = name
        if fine:
            left = self._left_over(source)
            nodes += left
            nodes += self._of_levels(
                convolution, f"{source}/left", name=f"{name}/fine", inputs=[weights.output[0]]
            )
            exact = f"{name}/both"
            nodes.append(helper.make_node("Add", [name, f"{name}/fine"], [exact]))
        if largest is None:
            nodes[-1].output[0] = output
            return nodes
        nodes += self.rounded(exact, -largest, largest)
        return [*nodes, self.back(f"{exact}/levels", exact, output=output)]

    def _of_levels(
        self, convolution: NodeProto, source: str, *, name: str, inputs: Sequence[str]
    ) -> list[NodeProto]:
        """Return the nodes of a convolution of a rounded tensor, which writes to its own name."""
        nodes, levels, padding = [], f"{source}/levels", self._graph.padding(convolution)
        if padding is not None:
            nodes.append(padded(padding, levels, name=f"{name}/padded"))
            levels = nodes[-1].output[0]
        nodes.append(self.back(levels, source, output=f"{name}/maps"))
        node = NodeProto()
        node.CopyFrom(convolution)
        node.name, node.output[0] = name, name
        del node.input[:]
        node.input.extend([f"{name}/maps", *inputs])
        return [*nodes, node]

    def _left_over(self, source: str) -> list[NodeProto]:
        """Return the nodes that round what a tensor's levels leave over, to ``NAME/left/levels``."""
        half = float(self.step(source)) / 2
        rounded = self.rounded(f"{source}/left", -half, half)
        if not rounded:
            return []
        return [
            self.back(f"{source}/levels", source, output=f"{source}/near"),
            helper.make_node("Sub", [source, f"{source}/near"], [f"{source}/left"]),
            *rounded,
        ]

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

    def _weights(self, convolution: NodeProto) -> NodeProto:
        """Return the node that makes a convolution's weights of levels, with a step for each output."""
        weights = self._graph.constant(convolution.input[1])
        steps = np.maximum(np.abs(weights).max(axis=(1, 2, 3)), 1e-9) / _LARGEST_WEIGHT
        levels = np.rint(weights / steps[:, None, None, None]).astype(np.int8)
        name = f"{convolution.name}/weights8"
        constants = [
            self._graph.set_constant(f"{name}/levels", levels),
            self._graph.set_constant(f"{name}/steps", steps.astype(np.float32)),
            self._graph.set_constant(f"{name}/zeros", np.zeros(len(levels), np.int8)),
        ]
        return helper.make_node("DequantizeLinear", constants, [name], axis=0)
