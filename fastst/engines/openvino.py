"""OpenVINO, on the CPU, in fp32, bf16 or int8."""

import threading
from functools import lru_cache
from typing import Any

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from openvino import opset13 as ops
from torch import Tensor, nn

from fastst.engines.base import Engine, frame_colors
from fastst.engines.onnx_export import style_graph
from fastst.networks.recolor import Colors

_SHAPES_KEPT = 8


class OpenVinoEngine(Engine):
    """Runs the network's ONNX graph, compiled anew for each shape.

    A fixed shape runs 5 % faster than free ones, and compiling it takes 0.15 s, no longer than free ones need
    at each new shape.
    """

    def __init__(
        self, network: nn.Module, device: torch.device, *, bf16: bool = False, int8: bool = False
    ) -> None:
        """Export the network and load it, in about 0.4 s, with as many threads as torch uses.

        Args:
            network: in fp32 on the CPU.
            device: the CPU.
            bf16: compute in bf16 what is not in int8.
            int8: bring the network to int8 first, which takes some seconds, once for each style.
        """
        self.device = device
        # A request, its inputs and its outputs belong to one run at a time.
        self._lock = threading.Lock()
        self._core = openvino.Core()
        self._graph = _graph_of(network, int8=int8)
        self._settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            # On a busy machine a pinned thread waits for its own core while another is free.
            "ENABLE_CPU_PINNING": False,
        }
        self._compiled = lru_cache(maxsize=_SHAPES_KEPT)(self._compile)
        self._compiled_for_frames = lru_cache(maxsize=_SHAPES_KEPT)(self._compile_for_frames)

    def run(self, batch: Tensor) -> Tensor:
        """Stylize a batch; see ``Engine.run``."""
        pixels = batch.contiguous().numpy()
        with self._lock:
            outputs = self._compiled(pixels.shape).infer([pixels], share_inputs=True, share_outputs=True)
            return torch.from_numpy(outputs[0].copy())

    def frame(self, frame: NDArray[np.uint8], colors: Colors | None = None) -> NDArray[np.uint8]:
        """Stylize one picture; see ``Engine.frame``. The conversions are part of the compiled graph."""
        inputs = [np.ascontiguousarray(frame)[None]]
        if self.recolor is not None:
            with torch.inference_mode():
                matrix, shift = self.recolor.affine(*(colors or frame_colors(frame)))
            # As columns, one a channel of the frame: what each adds to the three of the result.
            inputs += [matrix[0].T.reshape(3, 1, 3, 1, 1).numpy(), shift.view(1, 3, 1, 1).numpy()]
        with self._lock:
            request = self._compiled_for_frames(inputs[0].shape)
            outputs = request.infer(inputs, share_inputs=True, share_outputs=True)
            return outputs[0][0].copy()

    def _compile(self, shape: tuple[int, ...]) -> Any:
        return self._ready(self._reshaped(shape))

    def _compile_for_frames(self, shape: tuple[int, ...]) -> Any:
        """The graph between bytes, (N, H, W, 3), as frames are."""
        batch, height, width, channels = shape
        model = self._reshaped((batch, channels, height, width))
        frame = ops.parameter(shape, np.uint8)
        image = ops.multiply(ops.convert(frame, "f32"), np.float32(1 / 255))
        image = ops.transpose(image, np.array([0, 3, 1, 2]))
        inputs = [frame]
        if self.recolor is not None:
            image, more = _recolored(image)
            inputs += more
        for reader in model.input(0).get_target_inputs():
            reader.replace_source_output(image.output(0))
        stylized = ops.multiply(model.get_results()[0].input_value(0), np.float32(255))
        levels = ops.convert(ops.round(ops.clamp(stylized, 0.0, 255.0), "half_to_even"), "u8")
        levels = ops.transpose(levels, np.array([0, 2, 3, 1]))
        return self._ready(openvino.Model([levels.output(0)], inputs))

    def _reshaped(self, shape: tuple[int, ...]) -> openvino.Model:
        model = self._core.read_model(self._graph)
        model.reshape(list(shape))
        return model

    def _ready(self, model: openvino.Model) -> Any:
        return self._core.compile_model(model, "CPU", self._settings).create_infer_request()


def _graph_of(network: nn.Module, *, int8: bool) -> bytes:
    if not int8:
        return style_graph(network)
    from fastst.engines.int8 import int8_graph  # which needs ONNX Runtime, as the others do not

    return int8_graph(network, writes_levels=False)


def _recolored(image: Any) -> tuple[Any, list[Any]]:
    """Add an affine map of the colors to a graph; return its end, and its inputs: columns and shift."""
    columns, shift = ops.parameter((3, 1, 3, 1, 1), np.float32), ops.parameter((1, 3, 1, 1), np.float32)
    channels, axis = ops.split(image, np.int64(1), 3), np.int64(0)
    moved: Any = shift
    for number in range(3):
        column = ops.gather(columns, np.int64(number), axis)
        moved = ops.add(moved, ops.multiply(channels.output(number), column))
    return ops.clamp(moved, 0.0, 1.0), [columns, shift]
