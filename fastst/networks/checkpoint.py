"""Checkpoints: one safetensors file that holds a style network and says what it is."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, field_validator
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError, shown
from fastst.files import StrPath, atomic_path, check_is_file
from fastst.networks import build

FORMAT = 1
_HEADER_KEY = "fastst"
_SIGNATURES = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"RIFF": "a WebP picture",
    b"PK\x03\x04": "a zip or PyTorch .pth archive",
    b"\x80\x02": "a pickle",
    b"\x80\x04": "a pickle",
    b"<": "a web page",
}


class Metadata(BaseModel):
    """What a checkpoint says of itself, kept as JSON in the file's header."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    architecture: str
    options: dict[str, int] = {}
    title: str
    painter: str | None = None
    year: str | None = None
    licence: str | None = None
    steps: int
    data: str
    training: dict[str, Any] = {}
    fastst_version: str
    weights_digest: str = ""
    format: int = FORMAT

    @field_validator("title", "painter", "year", "licence", "data")
    @classmethod
    def _one_clean_line(cls, value: str | None) -> str | None:
        return None if value is None else shown(value)


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

    Half precision halves the file; the stylised pictures differ by under a grey level.

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
        temporary.write_bytes(save(weights, metadata={_HEADER_KEY: metadata.model_dump_json()}))


def read_metadata(path: StrPath) -> Metadata:
    """Return a checkpoint's header without reading its weights.

    Raises:
        FaststError: if the file is missing, cut short, of another kind or of a newer format.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        check_is_file(path, what="a checkpoint")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    except SafetensorError as error:
        raise FaststError(f"{path}: is not a fastst checkpoint; {_what_it_is(path)}") from error
    except OSError as error:
        raise FaststError(f"{path}: {_why_unreadable(path, error)}") from error
    if _HEADER_KEY not in header:
        raise FaststError(
            f"{path}: holds weights but no fastst header; only checkpoints made by `fastst train` load"
        )
    return _parse_header(path, header[_HEADER_KEY])


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
            f"{path}: its weights are not finite numbers ({name}), so it would paint black; train it again"
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


def _parse_header(path: Path, text: str) -> Metadata:
    try:
        header = json.loads(text)
        written_format = header["format"]
        if written_format > FORMAT:
            raise FaststError(
                f"{path}: is of checkpoint format {written_format}, but this fastst reads up to {FORMAT}; "
                "upgrade fastst"
            )
        return Metadata.model_validate(header)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FaststError(f"{path}: its fastst header is damaged; fetch the checkpoint again") from error


def _why_unreadable(path: Path, error: OSError) -> str:
    if not path.exists():
        return "no such checkpoint"
    if path.is_dir():
        return "is a folder, not a checkpoint"
    return f"cannot be read ({error.strerror or error})"


def _what_it_is(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        return "the file is empty"
    if path.suffix == ".safetensors" and start[8:9] == b"{":
        return "the file is cut short or damaged: fetch it again"
    for signature, kind in _SIGNATURES.items():
        if start.lstrip().startswith(signature):
            return f"it is {kind}; give the .safetensors file that `fastst train` wrote"
    return "give the .safetensors file that `fastst train` wrote"
