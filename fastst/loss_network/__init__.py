"""The networks that judge: VGG-16 for the losses, AlexNet for a second opinion, and their weights."""

from collections.abc import Sequence
from pathlib import Path

from fastst.loss_network.vgg import LossNetwork
from fastst.loss_network.weights import find_weights, load_weights


def load_loss_network(layers: Sequence[str], *, path: Path | None = None) -> LossNetwork:
    """Find VGG-16's weights (``path``: the user's own) and build it up to the deepest of the layers.

    Raises:
        FaststError: as ``find_weights`` and ``load_weights``.
        UsageError: if a layer has no such name.
    """
    return LossNetwork(load_weights(find_weights("vgg16", path=path)), layers)
