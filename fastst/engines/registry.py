"""The engines by name, and which of them run here."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import torch
from torch import nn

from fastst.engines.base import Engine
from fastst.engines.hardware import multiplies_in_bf16
from fastst.engines.providers import PROVIDERS, Provider, ProviderEngine
from fastst.errors import UsageError
from fastst.networks.recolor import Recolored

AUTO = "auto"
_FP32_TOLERANCE, _BF16_TOLERANCE, _INT8_TOLERANCE = 1 / 255, 2 / 255, 2 / 255


@dataclass(frozen=True)
class EngineKind:
    """An engine that can be asked for.

    Attributes:
        name: what it is asked for by.
        build: makes it from a network in fp32 on the CPU and a device.
        tolerance: the mean difference to torch in fp32, of values in [0, 1], that is still right.
        packages: what must be installed.
        extra: fastst's extra that installs them.
        cpu_only: whether it has no use for a GPU.
        cuda_only: whether it runs on CUDA alone.
        bf16: whether it needs hardware that multiplies in bf16.
        automatic: whether ``auto`` tries it.
        provider: ONNX Runtime's for hardware of its own, which it needs; None: it needs none.
        int8: whether it brings the network to int8, by pictures that are recolored as its own will be.
    """

    name: str
    build: Callable[[nn.Module, torch.device], Engine]
    tolerance: float = _FP32_TOLERANCE
    packages: tuple[str, ...] = ()
    extra: str = ""
    cpu_only: bool = False
    cuda_only: bool = False
    bf16: bool = False
    automatic: bool = True
    provider: Provider | None = None
    int8: bool = False

    def make(self, network: nn.Module, device: torch.device) -> Engine:
        """Make the network ready; what recolors is left out of the runtime's graph, in float32."""
        if not isinstance(network, Recolored):
            return self.build(network, device)
        engine = self.build(network if self.int8 else network.network, device)
        engine.recolor = copy.deepcopy(network.recolor).to(device)
        return engine

    def why_not(self, device_type: str) -> str | None:
        """Say why it cannot run here on such a device; None if it can."""
        if self.cpu_only and device_type != "cpu":
            return f"engine {self.name} runs on the CPU, not on {device_type}; leave out the device"
        if self.cuda_only and device_type != "cuda":
            return f"engine {self.name} runs on CUDA, not on {device_type}; use another"
        if self.bf16 and not multiplies_in_bf16(device_type):
            return f"engine {self.name}: the {device_type} here does not multiply in bf16; use another"
        if not all(find_spec(package) for package in self.packages):
            return f"engine {self.name} is not installed; pip install 'fastst[{self.extra}]'"
        if self.provider is not None and not self.provider.is_here():
            lacks, origin = self.provider.name, self.provider.origin
            return f"engine {self.name}: the ONNX Runtime here has no {lacks}; it comes with {origin}"
        return None


def _torch(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.torch import TorchEngine

    return TorchEngine(network, device)


def _torch_bf16(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.torch import TorchEngine

    return TorchEngine(network, device, bf16=True)


def _torch_compile(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.torch import CompiledTorchEngine

    return CompiledTorchEngine(network, device)


def _torch_cuda_graph(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.cuda_graph import CudaGraphEngine

    return CudaGraphEngine(network, device)


def _onnx(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.onnx import OnnxEngine

    return OnnxEngine(network, device)


def _onnx_int8(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.onnx import OnnxEngine

    return OnnxEngine(network, device, int8=True)


def _openvino(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.openvino import OpenVinoEngine

    return OpenVinoEngine(network, device)


def _openvino_bf16(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.openvino import OpenVinoEngine

    return OpenVinoEngine(network, device, bf16=True)


def _on_provider(name: str, provider: Provider) -> EngineKind:
    return EngineKind(
        name,
        lambda network, device: ProviderEngine(network, device, provider),
        _BF16_TOLERANCE,  # they may compute in half precision, or in TF32
        packages=("onnx", "onnxruntime"),
        extra="onnx",
        provider=provider,
    )


def _openvino_int8(network: nn.Module, device: torch.device) -> Engine:
    from fastst.engines.openvino import OpenVinoEngine

    return OpenVinoEngine(network, device, bf16=multiplies_in_bf16(device.type), int8=True)


_OPENVINO = ("onnx", "openvino")
_KINDS = (
    EngineKind("torch", _torch),
    EngineKind("torch-bf16", _torch_bf16, _BF16_TOLERANCE, bf16=True),
    EngineKind("torch-cuda-graph", _torch_cuda_graph, _BF16_TOLERANCE, cuda_only=True),
    EngineKind("torch-compile", _torch_compile, _BF16_TOLERANCE, automatic=False),
    EngineKind("onnx", _onnx, packages=("onnx", "onnxruntime"), extra="onnx", cpu_only=True),
    EngineKind("openvino", _openvino, packages=_OPENVINO, extra="openvino", cpu_only=True),
    EngineKind(
        "openvino-bf16",
        _openvino_bf16,
        _BF16_TOLERANCE,
        packages=_OPENVINO,
        extra="openvino",
        cpu_only=True,
        bf16=True,
    ),
    *(_on_provider(name, provider) for name, provider in PROVIDERS.items()),
    EngineKind(
        "onnx-int8",
        _onnx_int8,
        _INT8_TOLERANCE,
        packages=("onnx", "onnxruntime"),
        extra="onnx",
        cpu_only=True,
        int8=True,
    ),
    EngineKind(
        "openvino-int8",
        _openvino_int8,
        _INT8_TOLERANCE,
        packages=("onnx", "onnxruntime", "openvino"),
        extra="int8",
        cpu_only=True,
        int8=True,
    ),
)


def engine_names() -> list[str]:
    """Return what can be asked for, installed or not; ``auto`` first."""
    return [AUTO, *(kind.name for kind in _KINDS)]


def engine_kind(name: str) -> EngineKind:
    """Return the engine of that name.

    Raises:
        UsageError: if there is none; ``auto`` is a choice among engines, not one.
    """
    for kind in _KINDS:
        if kind.name == name:
            return kind
    raise UsageError(f"{name}: no such engine; there are {', '.join(engine_names())}")


def engines_here(device_type: str) -> list[EngineKind]:
    """Return the engines that ``auto`` would try on such a device, torch first."""
    return [kind for kind in _KINDS if kind.automatic and kind.why_not(device_type) is None]


def build_engine(network: nn.Module, name: str, device: torch.device) -> Engine:
    """Make the network ready on a named engine.

    Raises:
        UsageError: if there is no such engine, or it cannot run here, saying how to install it.
    """
    kind = engine_kind(name)
    if reason := kind.why_not(device.type):
        raise UsageError(reason)
    return kind.make(network, device)
