"""This machine: what its processors are and can do, and the peak of the memory in use."""

import gc
import os
import platform
import threading
from pathlib import Path
from types import TracebackType

import psutil
import torch

from fastst.runtime import give_back_freed_memory, installed_version

_SECONDS_BETWEEN_LOOKS = 0.002


def multiplies_in_bf16(device_type: str) -> bool:
    """Whether the hardware multiplies in bf16; where it lacks that, emulated bf16 is far slower than fp32.

    Args:
        device_type: "cpu", "cuda" or "mps".
    """
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device_type == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False


def describe_machine(device: torch.device) -> dict[str, str | int | bool | None]:
    """Say what measurements on ``device`` depend on: processor, threads and the runtimes' versions."""
    return {
        "processor": torch.cuda.get_device_name(device) if device.type == "cuda" else _processor_name(),
        "device": str(device),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "bf16": multiplies_in_bf16(device.type),
        "system": platform.platform(terse=True),
        **{name: installed_version(name) for name in ("torch", "onnxruntime", "openvino")},
    }


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


class PeakMemory:
    """Measures by how much the memory in use rises at its peak, within a ``with`` block.

    On CUDA that is what torch allocates there. Elsewhere it is the resident memory of this process, looked
    at every 2 ms from a thread of its own: the system's own high-water mark cannot be reset everywhere.
    Memory that was freed before but not given back does not count; glibc is asked to give it back first.

    Attributes:
        mebibytes: the rise, once the block has ended.
    """

    def __init__(self, device: torch.device) -> None:
        self.mebibytes = 0.0
        self._cuda = device if device.type == "cuda" else None
        self._process = psutil.Process()
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        if self._cuda is None:
            gc.collect()
            give_back_freed_memory()
            self._before = self._highest = self._process.memory_info().rss
            self._watcher.start()
        else:
            torch.cuda.reset_peak_memory_stats(self._cuda)
            self._before = torch.cuda.memory_allocated(self._cuda)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cuda is None:
            self._over.set()
            self._watcher.join()
        else:
            self._highest = torch.cuda.max_memory_allocated(self._cuda)
        self.mebibytes = (self._highest - self._before) / 2**20

    def _watch(self) -> None:
        while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
            self._highest = max(self._highest, self._process.memory_info().rss)
