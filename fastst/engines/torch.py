"""torch itself: on the CPU, CUDA or MPS, in fp32 or bf16, compiled or not."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from fastst.engines.base import Engine
from fastst.engines.hardware import multiplies_in_bf16
from fastst.networks.layers import InstanceNorm


class TorchEngine(Engine):
    """Runs the network as it is, in the channels-last layout, which torch's convolutions like best."""

    layout = torch.channels_last

    def __init__(self, network: nn.Module, device: torch.device, *, bf16: bool = False) -> None:
        """Make the network ready; in bf16 a copy of it, else itself, moved to ``device`` and set to eval."""
        self.device = device
        self._dtype = torch.bfloat16 if bf16 else torch.float32
        network = (_in_bf16(network) if bf16 else network).to(device).eval()
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network: Callable[[Tensor], Tensor] = network

    def run(self, batch: Tensor) -> Tensor:
        """Stylize a batch; see ``Engine.run``."""
        with torch.inference_mode():
            return self._network(batch.to(self._dtype, memory_format=torch.channels_last)).float()


class CompiledTorchEngine(TorchEngine):
    """The same through ``torch.compile``, in bf16 where the hardware has it.

    The first picture of each of the first few sizes takes 15 to 50 s. On a CPU it gains little: the classic
    network took 416 ms compiled against 453 ms in fp32, and the same in bf16 (640 x 480, one core).
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        super().__init__(network, device, bf16=multiplies_in_bf16(device.type))
        self._network = torch.compile(self._network)


def _in_bf16(network: nn.Module) -> nn.Module:
    """Return a copy whose weights are bf16, which saves the casts that autocast makes at every call.

    Instance norm keeps its own in fp32 and computes in it, as its statistics need.
    """
    converted = copy.deepcopy(network).to(torch.bfloat16)
    for module in converted.modules():
        if isinstance(module, InstanceNorm):
            module.float()
    return converted
