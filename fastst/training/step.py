"""What one training step costs: the objective, and for video the temporal loss of pairs of frames."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from fastst.data.frame_pairs import filmed_again, move_each, random_motions
from fastst.images.edges import edge_correlation
from fastst.losses.objective import LossTerms, Objective
from fastst.losses.terms import temporal_loss
from fastst.networks.noise import NOISE_STEP, PERIOD, place_noise
from fastst.training.processes import Share

_LARGEST = 8
# Crops of a shorter side are judged whole at the full scale too: half of them would show too little.
_LEAST_CROP = 128

Window = tuple[slice, slice]


def training_terms(
    network: Callable[[Tensor], Tensor],
    objective: Objective,
    content_image: Tensor,
    *,
    temporal_weight: float,
    generator: torch.Generator,
    share: Share | None = None,
) -> tuple[LossTerms, Tensor]:
    """Stylize a batch and judge it; return the terms, and how much of each photo's edges is left, (N,).

    The full scale is judged in a quarter of the area, drawn anew for each batch, while the coarser ones see
    all of it: three scales for the price of one.

    With ``temporal_weight``, every content image becomes a pair of frames: itself, and what a camera would
    show of it a moment later. The objective judges the second, so that the loss network runs no more often
    with gradients than without; the pair costs a second pass of the style network and one of the loss
    network to the content layer.

    Args:
        network: maps (N, 3, H, W), RGB in [0, 1], to the same.
        objective: the perceptual losses.
        content_image: (N, 3, H, W), RGB in [0, 1].
        temporal_weight: of the temporal loss; 0 leaves it out.
        generator: decides the shift, the window, the noise's places, the motion and the camera's noise; on
            the CPU.
        share: which of all processes' pictures these are; None: all of them.
    """
    rows, columns = random_shift(generator)
    count = len(content_image)
    share = share or Share(0, count)
    own = slice(share.first, share.first + count)
    origins = None
    if isinstance(network, nn.Module):
        top, left = random_origins(share.total, generator)
        origins = top[own], left[own]
    if not temporal_weight:
        _place_noise(network, origins, copies=1)
        stylized = network(content_image).float()[..., rows, columns]
        wanted = objective.recolored(content_image)[..., rows, columns]
        target = objective.target_of(wanted, window=_window(objective, wanted, generator))
        return objective(stylized, target), _edges(stylized, wanted)

    motions = random_motions(share.total, generator=generator)[own]
    still, seen = move_each(content_image, motions)
    photo = filmed_again(still, generator=generator, first=share.first, total=share.total)
    # One call, so that processes that share gradients see one forward and one backward.
    both = torch.cat([content_image, photo]).contiguous(memory_format=torch.channels_last)
    _place_noise(network, origins, copies=2)
    first, second = network(both).float().split(count)
    moved, _ = move_each(first, motions)
    wanted = objective.recolored(photo)
    photo, still, second, moved, seen, wanted = (
        frames[..., rows, columns] for frames in (photo, still, second, moved, seen, wanted)
    )
    target = objective.target_of(wanted, window=_window(objective, wanted, generator))
    layer = objective.settings.content_layer
    change = temporal_loss(
        second,
        moved,
        seen=seen,
        second_features=objective.loss_network(second, layers=(layer,))[layer],
        moved_features=objective.loss_network(moved, layers=(layer,))[layer],
        change=photo - still,
    )
    return replace(objective(second, target), temporal=temporal_weight * change), _edges(second, wanted)


@torch.no_grad()
def _edges(stylized: Tensor, photo: Tensor) -> Tensor:
    return edge_correlation(stylized.clamp(0, 1), photo)


def random_shift(generator: torch.Generator) -> Window:
    """Return the rows and columns that are left when up to 7 px are cut off at the top and at the left.

    A network learns to fool its loss network with a fine hatch locked to the phase of its pooling. What
    must still please when that phase has moved is no such hatch.

    Half of the time nothing is cut off at the top, and as often at the left; at the other two sides
    nothing ever is: borders that the losses never see would come out as halos.

    Rescaling by a few percent as well was measured to do harm: after 200 steps a held-out objective 6 %
    higher, and a worse second opinion, since the resampling blurs what the network is judged by.

    Args:
        generator: a CPU generator, so that the draws are the same on every device.
    """
    draws = torch.rand(2, generator=generator).tolist()
    top, left = (max(0, int(2 * _LARGEST * draw) - _LARGEST) for draw in draws)
    return slice(top, None), slice(left, None)


def random_window(height: int, width: int, generator: torch.Generator) -> Window | None:
    """Return the rows and columns of a part of half the sides, anywhere; None of what is small already."""
    if min(height, width) < _LEAST_CROP - _LARGEST:
        return None
    draws = torch.rand(2, generator=generator).tolist()
    # The draw is spread beyond the borders and clipped, so that borders are judged as often as the middle.
    starts = [
        min(max(0, int(1.25 * draw * (side - side // 2) - 0.125 * (side - side // 2))), side - side // 2)
        for side, draw in zip((height, width), draws, strict=True)
    ]
    return slice(starts[0], starts[0] + height // 2), slice(starts[1], starts[1] + width // 2)


def random_origins(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return where the noise of ``count`` pictures begins, (count,) each: none is to be learned by heart."""
    places = NOISE_STEP * torch.randint(PERIOD, (2, count), generator=generator)
    return places[0], places[1]


def _place_noise(
    network: Callable[[Tensor], Tensor], origins: tuple[Tensor, Tensor] | None, *, copies: int
) -> None:
    if isinstance(network, nn.Module) and origins is not None:
        top, left = origins
        place_noise(network, (top.repeat(copies), left.repeat(copies)))


def _window(objective: Objective, image: Tensor, generator: torch.Generator) -> Window | None:
    if len(objective.settings.scales) == 1:
        return None
    return random_window(image.shape[-2], image.shape[-1], generator)
