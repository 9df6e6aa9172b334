"""How much memory a picture may take, and how large tiles may be for that."""

import copy
import math
import re
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from fastst.errors import FaststError, UsageError
from fastst.tiling.geometry import Geometry

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_DEFAULT_SHARE = 0.5
# What convolutions take besides their inputs and outputs, and what the allocator wastes.
_MARGIN = 1.25
_PROBE_SIDE = 256
_SMALLEST_SIDE = 64
# Beyond this, the overlap that larger tiles save is too little to wait longer for a sign of progress.
_LARGEST_SIDE = 2048


def parse_memory(text: str) -> int:
    """Return the bytes meant by ``2G``, ``800M`` or ``1.5 GiB``; units are powers of 1024.

    Raises:
        UsageError: if it means no number of bytes.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), flags=re.IGNORECASE)
    if found is None or float(found[1]) == 0:
        raise UsageError(f"memory is {text!r}; give a number with a unit, such as 2G or 800M")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def default_memory(device: torch.device) -> int:
    """Half the memory of the machine, or of the CUDA device, in bytes."""
    total = torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else psutil.virtual_memory().total
    return int(total * _DEFAULT_SHARE)


def memory_left(memory: int, device: torch.device) -> int:
    """What is left of ``memory`` bytes: on a CPU the whole process counts, on CUDA the tensors there."""
    if device.type == "cuda":
        return memory - torch.cuda.memory_allocated(device)
    return memory - psutil.Process().memory_info().rss


def bytes_per_pixel(network: nn.Module) -> float:
    """Memory that a run of the network takes at its peak for each pixel that it is given, in float32."""
    # On the meta device everything has a size and nothing is computed.
    image = torch.empty(1, 3, _PROBE_SIDE, _PROBE_SIDE, device="meta")
    with torch.no_grad(), _Tally() as tally:
        copy.deepcopy(network).to("meta")(image.contiguous(memory_format=torch.channels_last))
    return tally.peak / _PROBE_SIDE**2 * _MARGIN


def tile_side(*, memory: int, pixel_bytes: float, geometry: Geometry) -> int:
    """The largest side in px, overlap not counted, of tiles whose run keeps to ``memory`` bytes.

    Raises:
        UsageError: if not even small ones do; it says how much is missing.
    """
    side = math.isqrt(max(0, int(memory / pixel_bytes))) - 2 * geometry.halo
    if side < _SMALLEST_SIDE:
        missing = (_SMALLEST_SIDE + 2 * geometry.halo + 1) ** 2 * pixel_bytes - memory
        raise UsageError(f"memory is too little for this style: it takes {missing / 2**20:.0f} MiB more")
    return min(side, _LARGEST_SIDE) // geometry.alignment * geometry.alignment


@contextmanager
def name_shortage(device: torch.device, width: int, height: int) -> Iterator[None]:
    """Turn running out of memory into an error that says over what.

    Raises:
        FaststError: where the block ran out of memory.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _ran_out_of_memory(error):
            raise
        raise FaststError(
            f"not enough memory on {device} for {width} x {height} pixels; give a smaller size, "
            "or a lower limit of memory, so that tiles are smaller"
        ) from error


def _ran_out_of_memory(error: Exception) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(words in str(error) for words in ("allocate memory", "out of memory"))


class _Tally(TorchDispatchMode):
    """Counts the bytes of the tensors that are alive, from those made in its context."""

    def __init__(self) -> None:
        super().__init__()
        self.held: weakref.WeakKeyDictionary[torch.UntypedStorage, int] = weakref.WeakKeyDictionary()
        self.peak = 0

    def __torch_dispatch__(
        self,
        function: Any,
        types: Any,
        arguments: tuple[Any, ...] = (),
        options: dict[str, Any] | None = None,
    ) -> Any:
        made = function(*arguments, **(options or {}))
        for tensor in made if isinstance(made, (tuple, list)) else (made,):
            if isinstance(tensor, Tensor):
                self.held[tensor.untyped_storage()] = tensor.untyped_storage().nbytes()
        self.peak = max(self.peak, sum(self.held.values()))
        return made
