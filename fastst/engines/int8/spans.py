"""What values a graph's maps take on pictures, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from fastst.engines.int8.graph import ERRORS, Floats, Graph
from fastst.engines.onnx_export import INPUT


@dataclass
class Span:
    """The least and the largest value of each channel, (C,)."""

    lows: Floats
    highs: Floats

    @property
    def sizes(self) -> Floats:
        """The largest absolute values, (C,)."""
        return np.maximum(np.abs(self.lows), np.abs(self.highs))

    def divided(self, by: Floats) -> "Span":
        """Return that of the maps divided, channel by channel."""
        return Span(self.lows / by, self.highs / by)

    def with_also(self, other: "Span") -> "Span":
        """Return that of both."""
        return Span(np.minimum(self.lows, other.lows), np.maximum(self.highs, other.highs))


def measure(
    graph: Graph, names: Sequence[str], pictures: Sequence[NDArray[Any]], *, threads: int
) -> dict[str, Span]:
    """Run pictures through a graph and return the spans of the maps named, (N, C, H, W).

    Args:
        graph: which takes them.
        names: of the maps.
        pictures: what the graph takes, one or more in each.
        threads: to compute with; the spans depend on their number by roundings.
    """
    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    known = {output.name for output in model.graph.output}
    for name in names:
        if name not in known:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(name))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = ERRORS  # it warns of constants that a change left without a reader
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    spans: dict[str, Span] = {}
    for picture in pictures:
        for name, maps in zip(names, session.run(list(names), {INPUT: picture}), strict=True):
            found = Span(maps.min(axis=(0, 2, 3)), maps.max(axis=(0, 2, 3)))
            spans[name] = spans[name].with_also(found) if name in spans else found
    return spans
