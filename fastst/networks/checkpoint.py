"""Checkpoints: one safetensors file that holds a style network and says what it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, atomic_path
from fastst.networks.header import HEADER_KEY, Metadata, read_metadata
from fastst.networks.registry import build


@dataclass(frozen=True)
class Checkpoint:
    """A style network with its weights loaded, and its header."""

    network: nn.Module
    metadata: Metadata


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Return the sha256 over every tensor's name, shape and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name}:{tensor.dtype}:{list(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def not_finite(tensors: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor that holds infinities or what is no number; None if none does."""
    return next((name for name, tensor in tensors.items() if not bool(tensor.isfinite().all())), None)


def save_checkpoint(path: StrPath, network: nn.Module, metadata: Metadata) -> None:
    """Write the network in half precision with its header; whole or not at all.

    Half precision halves the file; the stylized pictures differ by under a gray level.

    Raises:
        FaststError: if the file cannot be written, or weights are not finite in half precision.
    """
    weights = {
        name: tensor.detach().cpu().half().contiguous() for name, tensor in network.state_dict().items()
    }
    if name := not_finite(weights):
        raise FaststError(
            f"{path}: not written, as the network's weights are no longer finite numbers ({name}); train "
            "again at a lower --learning-rate"
        )
    metadata = metadata.model_copy(update={"weights_digest": weights_digest(weights)})
    with atomic_path(path) as temporary:
        temporary.write_bytes(save(weights, metadata={HEADER_KEY: metadata.model_dump_json()}))


def load_checkpoint(path: StrPath) -> Checkpoint:
    """Read a checkpoint, check its digest, and build its network in single precision, ready to run.

    Raises:
        FaststError: as ``read_metadata``, and if the weights are damaged, not finite or do not fit the
            architecture.
    """
    path = Path(path)
    metadata = read_metadata(path)
    with safe_open(path, framework="pt") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
        _check_fits(path, metadata, {name: tuple(part.get_shape()) for name, part in slices.items()})
        weights = {name: file.get_tensor(name) for name in slices}
    if weights_digest(weights) != metadata.weights_digest:
        raise FaststError(
            f"{path}: its weights do not match its own digest, so the file is damaged; fetch it again"
        )
    if name := not_finite(weights):
        raise FaststError(
            f"{path}: its weights are not finite numbers ({name}), so pictures would be black; train it again"
        )
    network = build(metadata.architecture, **metadata.options)
    network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return Checkpoint(network=network.eval(), metadata=metadata)


def _check_fits(path: Path, metadata: Metadata, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse weights that are not the architecture's, before memory is taken for either."""
    try:
        with torch.device("meta"):
            network = build(metadata.architecture, **metadata.options)
    except UsageError as error:
        raise FaststError(f"{path}: {error}; it may need a newer fastst") from error
    if shapes != {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}:
        raise FaststError(
            f"{path}: its weights do not fit the architecture {metadata.architecture} {metadata.options}; "
            "it was written by another version of fastst"
        )
