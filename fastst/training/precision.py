"""The arithmetic that trains fastest on this machine without harm."""

import torch

from fastst.errors import UsageError


def choose_precision(asked: str) -> str:
    """Return accelerate's name for the precision: "no" (fp32), "bf16" or "fp16".

    ``auto`` is bf16 where the hardware multiplies in it. Where a CPU lacks it, bf16 is emulated and
    many times slower than fp32.

    Raises:
        UsageError: if fp16 is asked for without a GPU.
    """
    if asked == "fp16" and not torch.cuda.is_available():
        raise UsageError("precision fp16 needs a CUDA GPU; leave it out, or give fp32")
    if asked != "auto":
        return "no" if asked == "fp32" else asked
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if torch.backends.mps.is_available():
        return "no"
    return "bf16" if torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported() else "no"
