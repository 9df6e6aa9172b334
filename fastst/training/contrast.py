"""The painting's contrast, which networks undershoot: what they are unsure of they paint as a mean."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.images.colors import rgb_to_lab
from fastst.networks.brush import Brush
from fastst.networks.recolor import Recolored

# Contrast grows a little less than the gain on logits does, so it takes more than one correction.
_CORRECTIONS = 3
_LEAST_GAIN, _MOST_GAIN = 0.8, 1.25
_NEVER_BLACK = 1e-3
PHOTOS = 16


@torch.no_grad()
def match_contrast(
    network: nn.Module, painting: Tensor, photos: Iterable[Tensor], *, where: Tensor | None = None
) -> float:
    """Let a trained network paint with the painting's contrast, in place.

    Contrast is the deviation of L*. Each correction multiplies the network's logits, about those of the
    painting's mean, by what is missing in the mean over the photos, within bounds of 0.8 and 1.25 in all.
    That costs nothing at run time: it goes into the last convolutions' weights. A network that is no
    ``Brush`` is left as it is.

    Args:
        network: in evaluation mode or not, it is run without gradients.
        painting: (1, 3, H, W), RGB in [0, 1], at the size that it was trained at.
        photos: content images of one size, (3, H, W) each, RGB in [0, 1].
        where: (1, 1, any, any), zero or more: the part of the painting that is the style; None: all of it.

    Returns:
        The factor on the logits; 1 where the network was left as it is.
    """
    if not (isinstance(network, Recolored) and isinstance(network.network, Brush)):
        return 1.0
    pictures = [photo[None].to(painting.device) for photo in photos]
    wanted = float(_contrast(painting, where))
    about = network.recolor.mean.clamp(_NEVER_BLACK, 1 - _NEVER_BLACK)
    gain = 1.0
    for _ in range(_CORRECTIONS):
        reached = sum(float(_contrast(network(picture))) for picture in pictures) / max(len(pictures), 1)
        if not reached or not wanted:
            break
        corrected = min(max(gain * wanted / reached, _LEAST_GAIN), _MOST_GAIN)
        network.network.scale_logits(corrected / gain, about=about)
        gain = corrected
    return gain


def _contrast(image: Tensor, where: Tensor | None = None) -> Tensor:
    lightness = rgb_to_lab(image.float())[:, :1]
    weights = torch.ones_like(lightness)
    if where is not None:
        size = (image.shape[-2], image.shape[-1])
        weights = F.adaptive_avg_pool2d(where.to(lightness), size)
    weights = weights / weights.sum().clamp_min(1e-12)
    mean = (weights * lightness).sum()
    return (weights * (lightness - mean).square()).sum().sqrt()
