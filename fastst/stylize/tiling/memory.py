"""How much memory a picture may take, and how large tiles may be for that."""

import copy
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import torch
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.stylize.tiling.geometry import Geometry

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_DEFAULT_SHARE = 0.5
# For what is held besides the hungriest layer, such as the inputs of residual blocks.
_MARGIN = 1.5
# The photo and the stylized picture, each twice in float32.
_PICTURE_BYTES = 48
_PROBE_SIDE = 128
# What comes on top while a picture is worked on, whatever its size: code loaded late, the buffers of libvips.
_RESERVE = 200 * 2**20
_SMALLEST_SIDE = 64
# Beyond this, the overlap that larger tiles save is too little to wait longer for a sign of progress.
_LARGEST_SIDE = 2048


def parse_memory(text: str) -> int:
    """Return the bytes meant by ``2G``, ``800M`` or ``1.5 GiB``; units are powers of 1024.

    Raises:
        UsageError: if it means no number of bytes.
    """
    found = re.fullmatch(
        r"([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*([KMGT]?)(?:i?B)?", text.strip(), flags=re.IGNORECASE
    )
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
    return memory - psutil.Process().memory_info().rss - _RESERVE


def bytes_per_pixel(network: nn.Module) -> float:
    """An estimate of the memory that a run of the network takes at its peak for each pixel it is given.

    Taken from its hungriest layer: the input, the copy of it that padding makes, and the output. Measured
    with the classic network, at 1 and 4 megapixels, the process grew by 0.7 to 0.95 of the estimate.
    """
    # Another thread may be running the network itself, on a picture of any size.
    network = copy.deepcopy(network)
    held: list[int] = []

    def note(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        held.append(2 * inputs[0].nbytes + output.nbytes)

    hooks = [layer.register_forward_hook(note) for layer in network.modules() if not list(layer.children())]
    image = torch.zeros(1, 3, _PROBE_SIDE, _PROBE_SIDE, device=device_of(network))
    try:
        with torch.inference_mode():
            network(image)
    finally:
        for hook in hooks:
            hook.remove()
    return max(held, default=image.nbytes) / _PROBE_SIDE**2 * _MARGIN + _PICTURE_BYTES


def device_of(network: nn.Module) -> torch.device:
    """Where the network's weights are; the CPU if it has none."""
    return next((parameter.device for parameter in network.parameters()), torch.device("cpu"))


def tile_side(*, memory: int, pixel_bytes: float, geometry: Geometry) -> int:
    """The largest side in px, overlap not counted, of tiles whose run keeps to ``memory`` bytes.

    Raises:
        UsageError: if not even small ones do; it says how much is missing.
    """
    side = math.isqrt(max(0, int(memory / pixel_bytes))) - 2 * geometry.halo
    if side < _SMALLEST_SIDE:
        missing = (_SMALLEST_SIDE + 2 * geometry.halo + 1) ** 2 * pixel_bytes - memory
        raise UsageError(
            f"memory is too little for this style: it takes {math.ceil(missing / 2**20)} MiB more"
        )
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
