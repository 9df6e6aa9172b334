"""VGG-16 as a loss network: the feature maps behind its rectifiers (Simonyan & Zisserman 2014)."""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.loss_network.convolutions import layers_of

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_CONVOLUTIONS_A_BLOCK = (2, 2, 3, 3, 3)


def _layer_positions() -> dict[str, int]:
    """Return each rectifier's index in torchvision's ``vgg16().features``: relu1_1 is 1, relu1_2 is 3, ..."""
    positions, index = {}, 0
    for block, convolutions in enumerate(_CONVOLUTIONS_A_BLOCK, start=1):
        for convolution in range(1, convolutions + 1):
            positions[f"relu{block}_{convolution}"] = index + 1
            index += 2
        index += 1  # the pooling that ends the block
    return positions


LAYERS: dict[str, int] = _layer_positions()


def check_layers(layers: Sequence[str]) -> None:
    """Raise UsageError unless every name is a rectifier of VGG-16."""
    for layer in layers:
        if layer not in LAYERS:
            raise UsageError(f"{layer}: no such layer of the loss network; it has {', '.join(LAYERS)}")


class LossNetwork(nn.Module):
    """VGG-16's convolutions, frozen, built up to the deepest of the layers asked for and no further.

    Args:
        weights: torchvision's names (``features.0.weight`` ...), any precision; layers past the
            deepest may be missing.
        layers: the layers that will be asked for, such as ``("relu1_2", "relu3_3")``.

    Raises:
        FaststError: if a needed layer's weights are missing.
        UsageError: if a layer has no such name.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, weights: Mapping[str, Tensor], layers: Sequence[str]) -> None:
        super().__init__()
        check_layers(layers)
        deepest = max(LAYERS[layer] for layer in layers)
        self.features = nn.Sequential(*copy.deepcopy(list(layers_of("vgg16"))[: deepest + 1]))
        self.features.load_state_dict(_needed(weights, self.features), assign=True)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()
        # Channels last is a third faster here, on processors as on GPUs.
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the feature maps (N, C, h, w) of each layer; nothing past the deepest is computed.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].
            layers: names such as ``relu3_3``.
        """
        wanted = {LAYERS[layer]: layer for layer in layers}
        maps = ((image - self.mean) / self.std).contiguous(memory_format=torch.channels_last)
        found = {}
        for index in range(max(wanted) + 1):
            maps = self.features[index](maps)
            if index in wanted:
                found[wanted[index]] = maps
        return found


def _needed(weights: Mapping[str, Tensor], features: nn.Sequential) -> dict[str, Tensor]:
    try:
        return {name: weights[f"features.{name}"].float() for name in features.state_dict()}
    except KeyError as error:
        raise FaststError(
            f"the loss network's weights lack {error.args[0]}, which a chosen layer needs"
        ) from error
