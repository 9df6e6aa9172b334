"""What one batch costs: the objective, and with ``steady`` the unsteadiness of pairs of frames."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from fastst.data.frame_pairs import filmed_again, move_each, random_motions
from fastst.losses.objective import Objective, Terms
from fastst.losses.steadiness import steadiness_loss
from fastst.training.shift import random_shift


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
