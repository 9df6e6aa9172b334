"""What one training step costs: the objective, and with ``steady`` the unsteadiness of pairs of frames."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from fastst.data.frame_pairs import filmed_again, move_each, random_motions
from fastst.losses.objective import Objective, Terms
from fastst.losses.terms import steadiness_loss

_LARGEST = 8


def training_terms(
    network: Callable[[Tensor], Tensor],
    objective: Objective,
    content_image: Tensor,
    *,
    steady: float,
    generator: torch.Generator,
) -> Terms:
    """Stylise a batch and judge it.

    With ``steady``, every content image becomes a pair of frames: itself, and what a camera would show of
    it a moment later. The objective judges the second, so that the loss network runs no more often with
    gradients than without; the pair costs a second pass of the style network and one of the loss network to
    the content layer.

    Args:
        network: maps (N, 3, H, W), RGB in [0, 1], to the same.
        objective: the perceptual losses.
        content_image: (N, 3, H, W), RGB in [0, 1].
        steady: the weight of the unsteadiness; 0 leaves it out.
        generator: decides the shift, the motion and the noise; on the CPU.
    """
    rows, columns = random_shift(generator)
    if not steady:
        stylised = network(content_image).float()[..., rows, columns]
        photo = content_image[..., rows, columns]
        return objective(stylised, objective.content_features(photo), content_image=photo)

    motions = random_motions(len(content_image), generator=generator)
    still, seen = move_each(content_image, motions)
    photo = filmed_again(still, generator=generator)
    # One call, so that processes that share gradients see one forward and one backward.
    both = torch.cat([content_image, photo]).contiguous(memory_format=torch.channels_last)
    first, second = network(both).float().split(len(content_image))
    moved, _ = move_each(first, motions)
    photo, still, second, moved, seen = (
        frames[..., rows, columns] for frames in (photo, still, second, moved, seen)
    )

    features = objective.loss_network(second, layers=objective.settings.layers)
    terms = objective(second, objective.content_features(photo), content_image=photo, features=features)
    unsteadiness = steadiness_loss(
        second,
        moved,
        seen=seen,
        second_features=features[objective.settings.content_layer],
        moved_features=objective.content_features(moved),
        change=photo - still,
    )
    return replace(terms, steadiness=steady * unsteadiness)


def random_shift(generator: torch.Generator) -> tuple[slice, slice]:
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
