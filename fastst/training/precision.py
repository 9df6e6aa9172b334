"""The arithmetic that trains fastest on this machine without harm."""

import torch

from fastst.errors import UsageError
from fastst.processor import multiplies_in_bf16


def choose_precision(asked: str) -> str:
    """Return accelerate's name for the precision: "no" (fp32), "bf16" or "fp16".

    ``auto`` is bf16 where the hardware multiplies in it.

    Raises:
        UsageError: if fp16 is asked for without a GPU.
    """
    if asked == "fp16" and not torch.cuda.is_available():
        raise UsageError("precision fp16 needs a CUDA GPU; leave it out, or give fp32")
    if asked != "auto":
        return "no" if asked == "fp32" else asked
    if torch.cuda.is_available():
        return "bf16" if multiplies_in_bf16("cuda") else "fp16"
    if torch.backends.mps.is_available():
        return "no"
    return "bf16" if multiplies_in_bf16("cpu") else "no"
