"""Whether this machine can hold a training, known before memory is taken."""

import psutil
import torch

from fastst.errors import UsageError
from fastst.networks import build
from fastst.training.settings import TrainingSettings

# Weights, gradients, the average, up to two moments and the copies that saving makes, in float32.
_COPIES = 7
# What the loss network keeps of a picture for its gradient: two layers of 64 channels and their rectified
# values at full size, a half and a quarter of that below, in float32.
_BYTES_PER_PIXEL = 4 * 64 * 4


def check_memory(settings: TrainingSettings, *, architecture: str, options: dict[str, int]) -> None:
    """Refuse a training that takes more memory than the machine has, whatever else runs.

    It is a lower bound: a training that passes may still be too large.

    Raises:
        UsageError: saying how much it takes at least, and what to choose less of.
    """
    with torch.device("meta"):
        network = build(architecture, **options)
    weights = sum(each.numel() * each.element_size() for each in network.state_dict().values())
    pictures = settings.batch * settings.size**2 * _BYTES_PER_PIXEL
    machine = psutil.virtual_memory().total
    for needed, told in (
        (_COPIES * weights, f"a {architecture} network of {options}"),
        (pictures, f"a batch of {settings.batch} at {settings.size} px"),
    ):
        if needed > machine:
            raise UsageError(
                f"{told} takes at least {needed / 2**30:.0f} GiB to train, and this machine has "
                f"{machine / 2**30:.0f} GiB; choose less"
            )
