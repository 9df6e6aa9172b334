"""AlexNet's features: a second opinion on results that were trained against VGG-16."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fastst.loss_network.convolutions import tensor_shapes
from fastst.loss_network.vgg import IMAGENET_MEAN, IMAGENET_STD


class AlexNetFeatures(nn.Module):
    """The convolutions of torchvision's AlexNet (Krizhevsky 2014, "One weird trick"), frozen.

    ``forward`` takes images (N, 3, H, W), RGB in [0, 1], at least 31 px a side, normalises them as
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
        self.features = nn.ModuleDict(
            {
                "0": nn.Conv2d(3, 64, 11, stride=4, padding=2),
                "3": nn.Conv2d(64, 192, 5, padding=2),
                "6": nn.Conv2d(192, 384, 3, padding=1),
                "8": nn.Conv2d(384, 256, 3, padding=1),
                "10": nn.Conv2d(256, 256, 3, padding=1),
            }
        )
        self.load_state_dict({name: weights[name] for name in tensor_shapes("alexnet")})
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the five feature maps of ``images`` (N, 3, H, W), RGB in [0, 1]."""
        conv = self.features
        relu1 = F.relu(conv["0"]((images - self.mean) / self.std))
        relu2 = F.relu(conv["3"](F.max_pool2d(relu1, 3, 2)))
        relu3 = F.relu(conv["6"](F.max_pool2d(relu2, 3, 2)))
        relu4 = F.relu(conv["8"](relu3))
        relu5 = F.relu(conv["10"](relu4))
        return {"relu1": relu1, "relu2": relu2, "relu3": relu3, "relu4": relu4, "relu5": relu5}
