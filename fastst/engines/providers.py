"""ONNX Runtime on hardware of its own: NVIDIA's by CUDA, any on Windows by DirectML, Apple's by CoreML."""

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from fastst.engines.base import Engine
from fastst.engines.onnx_export import INPUT, OUTPUT, style_graph
from fastst.errors import FaststError

_SHAPES_KEPT = 8
_AXES = ("batch", "height", "width")


@dataclass(frozen=True)
class Provider:
    """What ONNX Runtime calls an execution provider.

    Attributes:
        name: ONNX Runtime's.
        origin: the build of ONNX Runtime that has it.
        options: for the provider.
        has_memory_pattern: whether it takes memory that is planned ahead.
    """

    name: str
    origin: str
    options: Mapping[str, str] = field(default_factory=dict)
    has_memory_pattern: bool = True

    def is_here(self) -> bool:
        """Whether the ONNX Runtime that is installed was built with it, whatever hardware there is."""
        try:
            import onnxruntime
        except ImportError:  # it is installed, and does not load
            return False
        return self.name in onnxruntime.get_available_providers()


# By the engine's name.
PROVIDERS = {
    "onnx-cuda": Provider("CUDAExecutionProvider", "onnxruntime-gpu"),
    "onnx-directml": Provider(
        "DmlExecutionProvider", "onnxruntime-directml, on Windows", has_memory_pattern=False
    ),
    "onnx-coreml": Provider("CoreMLExecutionProvider", "onnxruntime, on macOS", {"ModelFormat": "MLProgram"}),
}


class ProviderEngine(Engine):
    """Runs the network's ONNX graph by a provider, made ready anew for each shape: they like fixed ones best.

    What the provider cannot do, ONNX Runtime does on the CPU. Pictures are handed over in the main memory,
    whatever device they are on.

    Raises:
        FaststError: if the provider finds no hardware.
    """

    def __init__(self, network: nn.Module, device: torch.device, provider: Provider) -> None:
        self.device = device
        self._provider = provider
        self._graph = style_graph(copy.deepcopy(network).cpu())
        # DirectML takes one run at a time.
        self._lock = threading.Lock()
        self._session = lru_cache(maxsize=_SHAPES_KEPT)(self._compile)

    def run(self, batch: Tensor) -> Tensor:
        """Stylize a batch; see ``Engine.run``."""
        pixels = batch.cpu().contiguous().numpy()
        batch_size, _, height, width = pixels.shape
        with self._lock:
            (stylized,) = self._session(batch_size, height, width).run([OUTPUT], {INPUT: pixels})
        return torch.from_numpy(stylized).to(batch.device)

    def _compile(self, *sides: int) -> Any:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        if hasattr(onnxruntime, "preload_dlls") and self._provider.name.startswith("CUDA"):
            onnxruntime.preload_dlls()  # CUDA's libraries, from torch's package or their own
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.enable_mem_pattern = self._provider.has_memory_pattern
        for axis, side in zip(_AXES, sides, strict=True):
            options.add_free_dimension_override_by_name(axis, side)
        name, on_cpu = self._provider.name, "CPUExecutionProvider"
        session = onnxruntime.InferenceSession(
            self._graph, options, providers=[(name, dict(self._provider.options)), on_cpu]
        )
        if name not in session.get_providers():
            raise FaststError(f"ONNX Runtime's {name} finds no hardware here; use another engine")
        return session
