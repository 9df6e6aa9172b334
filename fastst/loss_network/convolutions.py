"""The loss networks' convolutions as torchvision has them: layers, key names and shapes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

import torch
from torch import nn

from fastst.errors import FaststError

Network = Literal["vgg16", "alexnet"]
Shape = tuple[int, ...]

# The losses read no further than relu4_3 of VGG-16, so a file may end there.
_LAST_NEEDED: dict[Network, int] = {"vgg16": 21, "alexnet": 10}


@cache
def layers_of(network: Network) -> nn.Sequential:
    """Return torchvision's ``features``, on the meta device, where weights have shapes but take no memory."""
    # Only here, as pictures are stylized without it.
    from fastst.loss_network.torchvision_import import torchvision

    with torch.device("meta"):
        layers: nn.Sequential = getattr(torchvision.models, network)(weights=None).features
    return layers


def convolution_indices(network: Network) -> tuple[int, ...]:
    """Places of the convolutions in torchvision's ``features``, first to last."""
    return tuple(index for index, layer in enumerate(layers_of(network)) if isinstance(layer, nn.Conv2d))


def tensor_shapes(network: Network) -> dict[str, Shape]:
    """Key name -> shape of every convolution's weight and bias."""
    state = layers_of(network).state_dict()
    return {f"features.{name}": tuple(tensor.shape) for name, tensor in state.items()}


def check_shapes(shapes: Mapping[str, Sequence[int]], *, network: Network, origin: str) -> None:
    """Check that a file holds every layer the losses need, each of the right shape.

    Layers beyond those needed may be missing, and unknown keys are ignored.

    Raises:
        FaststError: naming ``origin`` and the first tensor that is missing or of the wrong shape.
    """
    for name, expected in tensor_shapes(network).items():
        if name not in shapes:
            if int(name.split(".")[1]) <= _LAST_NEEDED[network]:
                raise FaststError(
                    f"{origin}: holds no {name}; {network} weights need torchvision's features.0 "
                    f"to features.{_LAST_NEEDED[network]}"
                )
        elif tuple(shapes[name]) != expected:
            raise FaststError(
                f"{origin}: {name} has the shape {tuple(shapes[name])}, but {network} needs {expected}; "
                f"give a file with torchvision's {network} weights"
            )
