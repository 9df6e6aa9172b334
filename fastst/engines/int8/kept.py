"""A style's graph in int8, kept in the user's cache: to make it takes some seconds, to read it none."""

import logging
from contextlib import suppress
from pathlib import Path

import torch
from torch import nn

from fastst.engines.int8.calibration import calibration_pictures
from fastst.engines.int8.quantizing import quantized
from fastst.engines.onnx_export import style_graph
from fastst.errors import FaststError
from fastst.files import atomic_path, cache_folder, facts_digest
from fastst.networks.checkpoint import weights_digest
from fastst.networks.noise import NoiseField
from fastst.networks.recolor import Recolored
from fastst.runtime import installed_version

_PACKAGES = ("fastst", "torch", "onnx", "onnxruntime")
# Of 9 MB each, nearly all of it noise.
_MOST_KEPT = 12

_log = logging.getLogger(__name__)


def int8_graph(network: nn.Module, *, writes_levels: bool) -> bytes:
    """Return the ONNX graph of a network in int8, by synthetic pictures; as it is kept, or made anew.

    Args:
        network: in fp32 on the CPU. Of one that recolors, the graph is of what comes after, and takes
            pictures that are recolored.
        writes_levels: see ``quantized``.
    """
    file = _file(network, writes_levels=writes_levels)
    if file is not None and (found := _recall(file)):
        return found
    graph = _made(network, writes_levels=writes_levels)
    if file is not None:
        _keep(file, graph)
    return graph


def _made(network: nn.Module, *, writes_levels: bool) -> bytes:
    pictures = calibration_pictures()
    if isinstance(network, Recolored):
        with torch.inference_mode():
            pictures = [network.recolor(picture) for picture in pictures]
        network = network.network
    arrays = [picture.contiguous().numpy() for picture in pictures]
    return quantized(
        style_graph(network), arrays, writes_levels=writes_levels, threads=torch.get_num_threads()
    )


def _file(network: nn.Module, *, writes_levels: bool) -> Path | None:
    """Return where it is kept; None where there is no folder for a cache."""
    origins = [str(module.origin) for module in network.modules() if isinstance(module, NoiseField)]
    versions = [installed_version(name) for name in _PACKAGES]
    name = facts_digest(weights_digest(network.state_dict()), origins, versions, writes_levels)
    try:
        return cache_folder() / "int8" / f"{name}.onnx"
    except FaststError:
        return None


def _recall(file: Path) -> bytes | None:
    import onnx

    try:
        graph = file.read_bytes()
        onnx.checker.check_model(graph)
        file.touch()  # those not used for long are the first to go
    except Exception:  # there is none, or it is damaged, of which protobuf tells in ways of its own
        return None
    return graph


def _keep(file: Path, graph: bytes) -> None:
    try:
        with atomic_path(file) as temporary:
            temporary.write_bytes(graph)
        kept = sorted(file.parent.glob("*.onnx"), key=lambda each: each.stat().st_mtime, reverse=True)
        for oldest in kept[_MOST_KEPT:]:
            with suppress(OSError):
                oldest.unlink()
    except (FaststError, OSError) as error:
        _log.info("the network in int8 was not kept: %s", error)
