"""What the processors of this machine are, and what they can do."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch


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


def installed_version(package: str) -> str | None:
    """Return an installed package's version, or None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
