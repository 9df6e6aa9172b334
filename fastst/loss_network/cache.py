"""The user's cache of loss-network weights: safetensors files that carry their own digest."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from fastst.atomic import atomic_path
from fastst.errors import FaststError
from fastst.loss_network.convolutions import Network, check_shapes
from fastst.user_cache import cache_folder


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
    if not path.is_file():
        raise FaststError(f"{path}: not there")
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
