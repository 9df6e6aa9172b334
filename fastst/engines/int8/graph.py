"""An ONNX graph to be changed: what makes and what reads each of its maps, and its constants as arrays."""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy import typing as npt
from onnx import NodeProto, numpy_helper

Floats = npt.NDArray[np.float32]

# Of ONNX Runtime's kinds of messages.
ERRORS = 3


class Graph:
    """A model whose nodes and constants can be found and replaced.

    Attributes:
        model: the model itself.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self._index()

    def _index(self) -> None:
        self._constants = {constant.name: constant for constant in self.model.graph.initializer}
        self._makers = {output: node for node in self.nodes() for output in node.output}
        self._readers: defaultdict[str, list[NodeProto]] = defaultdict(list)
        for node in self.nodes():
            for name in node.input:
                self._readers[name].append(node)

    def nodes(self, kind: str | None = None) -> list[NodeProto]:
        """Return the nodes of a kind, such as "Conv", in the order that they run; None: all."""
        return [node for node in self.model.graph.node if kind in (None, node.op_type)]

    def maker(self, name: str) -> NodeProto | None:
        """Return the node that makes a tensor; None for the input and for constants."""
        return self._makers.get(name)

    def readers(self, name: str) -> list[NodeProto]:
        """Return the nodes that read a tensor's values, which those that ask for its shape do not."""
        return [node for node in self._readers[name] if node.op_type != "Shape"]

    def constant(self, name: str) -> Floats:
        """Return a constant's values."""
        return numpy_helper.to_array(self._constants[name])

    def set_constant(self, name: str, values: npt.ArrayLike) -> str:
        """Make or replace a constant; returns its name."""
        constant = numpy_helper.from_array(np.array(values, order="C"), name)
        if name in self._constants:
            self._constants[name].CopyFrom(constant)
        else:
            self.model.graph.initializer.append(constant)
            self._constants[name] = self.model.graph.initializer[-1]
        return name

    def set_input(self, node: NodeProto, number: int, values: npt.ArrayLike) -> None:
        """Give a node a constant of its own, as others may read the one that it had."""
        node.input[number] = self.set_constant(f"{node.output[0]}/input{number}", values)

    def unpadded(self, convolution: NodeProto) -> str:
        """Return what a convolution reads, before it is padded."""
        pad = self.padding(convolution)
        return convolution.input[0] if pad is None else pad.input[0]

    def padding(self, convolution: NodeProto) -> NodeProto | None:
        """Return the node that pads what a convolution reads, if one does."""
        maker = self.maker(convolution.input[0])
        return maker if maker is not None and maker.op_type == "Pad" else None

    def replace_nodes(self, nodes: Iterable[NodeProto]) -> None:
        """Take these nodes, in the order that they run, without what nothing needs."""
        wanted, kept = {output.name for output in self.model.graph.output}, []
        for node in reversed(list(nodes)):
            if wanted.intersection(node.output):
                kept.append(node)
                wanted.update(_reads(node))
        constants = [constant for constant in self.model.graph.initializer if constant.name in wanted]
        graph = onnx.helper.make_graph(
            kept[::-1],
            self.model.graph.name,
            self.model.graph.input,
            self.model.graph.output,
            constants,
        )
        self.model.graph.CopyFrom(graph)
        self._index()


def _reads(node: NodeProto) -> Iterator[str]:
    """Yield what a node reads; a branch reads what is outside of it too."""
    yield from node.input
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from _reads(inner)


def folded(graph: bytes) -> Graph:
    """Return an ONNX file's graph, with what depends on no picture computed: the kernels of enlargements."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = ERRORS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(file)
        onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        model = onnx.load(file)
    # The runtime names every set of operators that it knows, and other runtimes stumble over those.
    standard = [known for known in model.opset_import if known.domain == ""]
    del model.opset_import[:]
    model.opset_import.extend(standard)
    return Graph(model)
