"""Small random changes of scale and place between the style network and the loss network."""

import torch
from torch import Tensor
from torch.nn import functional as F

_LARGEST_SHIFT = 8


def jitter(
    stylised: Tensor, content_image: Tensor, *, amount: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Rescale and crop both pictures alike, by one random draw.

    A network learns to fool its loss network with a fine hatch locked to the pixel grid and to the
    phase of its pooling. What must still please after a resampling by a fraction and a shift by a
    few pixels cannot be such a hatch.

    Half of the time nothing is cut off at the top, and as often at the left; at the other two sides
    nothing ever is: borders that the losses never see would come out as halos.

    Args:
        stylised: (N, 3, H, W), sides of at least 64 px.
        content_image: (N, 3, H, W).
        amount: the scale is drawn from 1 ± amount; 0 leaves the scale alone and only shifts.
        generator: a CPU generator, so that the draws are the same on every device.

    Returns:
        Both, (N, 3, h, w) with sides shorter by up to 8 px after the rescaling.
    """
    draw = torch.rand(3, generator=generator).tolist()
    scale = 1 + amount * (2 * draw[0] - 1)
    top, left = (max(0, int(2 * _LARGEST_SHIFT * value) - _LARGEST_SHIFT + 1) for value in draw[1:])

    def move(picture: Tensor) -> Tensor:
        if amount:
            size = [round(side * scale) for side in picture.shape[-2:]]
            picture = F.interpolate(picture, size=size, mode="bilinear", align_corners=False)
        return picture[..., top:, left:]

    return move(stylised), move(content_image)
