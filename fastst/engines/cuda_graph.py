"""torch on CUDA with all of a picture's kernels launched at once, as one graph."""

import threading
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from fastst.engines.hardware import multiplies_in_bf16
from fastst.engines.torch import TorchEngine

_SHAPES_KEPT = 4
_WARM_UPS = 3


@dataclass(frozen=True)
class _Captured:
    """A graph of kernels, which reads and writes the same memory at every run."""

    graph: torch.cuda.CUDAGraph
    batch: Tensor
    stylized: Tensor


class CudaGraphEngine(TorchEngine):
    """Runs the network in bf16 where the hardware has it, as a graph captured for each shape.

    A frame's kernels are so short on a large card that launching them one by one takes longer.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        super().__init__(network, device, bf16=multiplies_in_bf16(device.type))
        self._lock = threading.Lock()
        self._captured = lru_cache(maxsize=_SHAPES_KEPT)(self._capture)

    def run(self, batch: Tensor) -> Tensor:
        """Stylize a batch; see ``Engine.run``."""
        with self._lock, torch.inference_mode():
            captured = self._captured(batch.shape)
            captured.batch.copy_(batch)
            captured.graph.replay()
            return captured.stylized.clone()

    def _capture(self, shape: torch.Size) -> _Captured:
        batch = torch.zeros(shape, dtype=self._dtype, device=self.device)
        batch = batch.contiguous(memory_format=torch.channels_last)
        # Before it can be captured, torch has to have chosen its kernels, on a stream that is not the usual.
        usual, aside = torch.cuda.current_stream(self.device), torch.cuda.Stream(self.device)
        aside.wait_stream(usual)
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UPS):
                self._network(batch)
        usual.wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        # Other threads may load styles meanwhile.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            stylized = self._network(batch).float()
        return _Captured(graph, batch, stylized)
