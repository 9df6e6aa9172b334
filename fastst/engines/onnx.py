"""ONNX Runtime, on the CPU, in fp32 or int8."""

import onnxruntime
import torch
from torch import Tensor, nn

from fastst.engines.base import Engine
from fastst.engines.onnx_export import INPUT, OUTPUT, style_graph


class OnnxEngine(Engine):
    """Runs the network's ONNX graph."""

    def __init__(self, network: nn.Module, device: torch.device, *, int8: bool = False) -> None:
        """Export the network and load it, in about 0.3 s, with as many threads as torch uses.

        Args:
            network: in fp32 on the CPU.
            device: the CPU.
            int8: bring it to int8 first, which takes some seconds, once for each style.
        """
        self.device = device
        onnxruntime.disable_telemetry_events()  # on Windows it would report
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        self._session = onnxruntime.InferenceSession(
            _graph_of(network, int8=int8), options, providers=["CPUExecutionProvider"]
        )

    def run(self, batch: Tensor) -> Tensor:
        """Stylize a batch; see ``Engine.run``."""
        (stylized,) = self._session.run([OUTPUT], {INPUT: batch.contiguous().numpy()})
        return torch.from_numpy(stylized)


def _graph_of(network: nn.Module, *, int8: bool) -> bytes:
    if not int8:
        return style_graph(network)
    from fastst.engines.int8 import int8_graph

    return int8_graph(network, writes_levels=True)
