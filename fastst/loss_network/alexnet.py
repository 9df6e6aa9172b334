"""AlexNet's features: a second opinion on results that were trained against VGG-16."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from fastst.loss_network.convolutions import layers_of
from fastst.loss_network.vgg import IMAGENET_MEAN, IMAGENET_STD


class AlexNetFeatures(nn.Module):
    """The convolutions of torchvision's AlexNet (Krizhevsky 2014, "One weird trick"), frozen.

    ``forward`` takes images (N, 3, H, W), RGB in [0, 1], at least 31 px a side, normalizes them as
    ImageNet was, and returns the maps after each rectifier: ``relu1`` (64 channels, stride 4),
    ``relu2`` (192, 8), ``relu3`` (384, 16), ``relu4`` (256, 16) and ``relu5`` (256, 16).

    Gradients flow to the images, none to the weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        """Build from ``weights`` under torchvision's names (``features.0.weight`` …).

        Raises:
            KeyError: if a layer is missing.
        """
        super().__init__()
        # The last is a pooling, which nothing follows.
        self.features = nn.Sequential(*copy.deepcopy(list(layers_of("alexnet"))[:-1]))
        needed = {name: weights[f"features.{name}"].float() for name in self.features.state_dict()}
        self.features.load_state_dict(needed, assign=True)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the five feature maps of ``images`` (N, 3, H, W), RGB in [0, 1]."""
        maps = (images - self.mean) / self.std
        found: dict[str, Tensor] = {}
        for layer in self.features:
            maps = layer(maps)
            if isinstance(layer, nn.ReLU):
                found[f"relu{len(found) + 1}"] = maps
        return found
