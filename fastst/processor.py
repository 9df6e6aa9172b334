"""What the processors of this machine can do."""

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
