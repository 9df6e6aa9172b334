"""Loss-network weights from torchvision's own download."""

import hashlib
import threading
import urllib.request
from http.client import HTTPException
from pathlib import Path

import torch
from torch import Tensor

from fastst.errors import FaststError
from fastst.loss_network.convolutions import Network, check_shapes, tensor_shapes

_PROBE_SECONDS = 4.0
_WEIGHTS: dict[Network, str] = {
    "vgg16": "VGG16_Weights.IMAGENET1K_V1",
    "alexnet": "AlexNet_Weights.IMAGENET1K_V1",
}
# torchvision names its files by the first digits of their sha256.
_DIGEST_PREFIX: dict[Network, str] = {"vgg16": "397923af", "alexnet": "7be5be79"}


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
    from fastst.torchvision_import import torchvision

    url: str = torchvision.models.get_weight(_WEIGHTS[network]).url
    checkpoint = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    prefix = _DIGEST_PREFIX[network]
    if not (checkpoint.is_file() and _sha256(checkpoint).startswith(prefix)):
        _check_answers(url)
        _download(url, checkpoint, prefix=prefix)
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


def _download(url: str, checkpoint: Path, *, prefix: str) -> None:
    try:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(checkpoint), hash_prefix=prefix, progress=False)
    except (OSError, RuntimeError) as error:
        raise FaststError(f"{url}: the download failed ({error})") from error


def _convolutions(checkpoint: Path, *, network: Network) -> dict[str, Tensor]:
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    check_shapes(
        {name: tensor.shape for name, tensor in state.items()}, network=network, origin=str(checkpoint)
    )
    return {name: state[name].float() for name in tensor_shapes(network)}
