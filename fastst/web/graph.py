"""A style network for the browser: a graph that all styles of an architecture share, and the style's weights.

The weights are inputs of the graph, beside the picture. So the page fetches the graph once and makes it ready
once, changes styles without a pause, and mixes two by taking the mean of their weights. All is kept in half
precision and computed with in single precision, which every browser has.
"""

from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from fastst.engines.onnx_export import INPUT, OUTPUT, style_graph

# Constants below that stay as they are: the shapes and indices of the graph.
_LARGE = 4096
_CHECKED_SIZES = ((96, 128), (75, 101))


@dataclass(frozen=True)
class WebNetwork:
    """A network in two parts.

    Attributes:
        graph: an ONNX file: the picture, (1, 3, H, W), and then each weight, all float32, to the picture.
        weights: all of them, one after another in the order of the inputs, float16.
    """

    graph: bytes
    weights: NDArray[np.float16]


def web_network(network: nn.Module) -> WebNetwork:
    """Split a network, (N, 3, H, W) RGB in [0, 1] to the same, into its graph and its weights."""
    model = onnx.load_from_string(style_graph(network))
    weights = _take_weights_out(model)
    _halve_constants(model)
    _forget_where_it_was_traced(model)
    return WebNetwork(graph=model.SerializeToString(), weights=weights)


def difference(found: WebNetwork, network: nn.Module) -> float:
    """Return the mean difference to torch over some sizes, in gray levels of 255."""
    onnxruntime.disable_telemetry_events()
    session = onnxruntime.InferenceSession(found.graph, providers=["CPUExecutionProvider"])
    inputs = _weight_inputs(session, found.weights.astype(np.float32))
    random = torch.Generator().manual_seed(0)
    differences = []
    for height, width in _CHECKED_SIZES:
        picture = torch.rand(1, 3, height, width, generator=random)
        (stylized,) = session.run([OUTPUT], {INPUT: picture.numpy(), **inputs})
        with torch.inference_mode():
            expected: Tensor = network(picture)
        differences.append((torch.from_numpy(stylized) - expected).abs().mean().item())
    return 255 * float(np.mean(differences))


def _weight_inputs(
    session: onnxruntime.InferenceSession, weights: NDArray[np.float32]
) -> dict[str, NDArray[np.float32]]:
    """Return the weights by the names of their inputs, as the page hands them over."""
    inputs, start = {}, 0
    for found in session.get_inputs()[1:]:
        end = start + int(np.prod(found.shape))
        inputs[found.name] = weights[start:end].reshape(found.shape)
        start = end
    return inputs


def _take_weights_out(model: onnx.ModelProto) -> NDArray[np.float16]:
    """Make every initializer an input, and return what was in them."""
    arrays = [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    for tensor, array in zip(model.graph.initializer, arrays, strict=True):
        value = onnx.helper.make_tensor_value_info(tensor.name, onnx.TensorProto.FLOAT, array.shape)
        model.graph.input.append(value)
    del model.graph.initializer[:]
    return np.concatenate([array.ravel() for array in arrays]).astype(np.float16)


def _halve_constants(model: onnx.ModelProto) -> None:
    """Keep large constants, which are the fields of noise, in half precision."""
    nodes = list(model.graph.node)
    del model.graph.node[:]
    for node in nodes:
        array = numpy_helper.to_array(node.attribute[0].t) if node.op_type == "Constant" else None
        if array is None or array.dtype != np.float32 or array.size < _LARGE:
            model.graph.node.append(node)
            continue
        (name,) = node.output
        half = numpy_helper.from_array(array.astype(np.float16))
        model.graph.node.append(onnx.helper.make_node("Constant", [], [f"{name}_half"], value=half))
        cast = onnx.helper.make_node("Cast", [f"{name}_half"], [name], to=onnx.TensorProto.FLOAT)
        model.graph.node.append(cast)


def _forget_where_it_was_traced(model: onnx.ModelProto) -> None:
    """Take out the texts that say which lines of code the nodes came from."""
    for node in model.graph.node:
        node.ClearField("doc_string")
        del node.metadata_props[:]
    del model.metadata_props[:]
    model.doc_string = "a style network made by fastst; its weights are inputs"
