"""The convolutions of the loss networks: torchvision's key names and shapes."""

from collections.abc import Mapping, Sequence
from typing import Literal

from fastst.errors import FaststError

Network = Literal["vgg16", "alexnet"]
Shape = tuple[int, ...]

# Index in torchvision's ``features`` -> shape of the kernel (out, in, height, width).
_KERNELS: dict[Network, dict[int, Shape]] = {
    "vgg16": {
        0: (64, 3, 3, 3),
        2: (64, 64, 3, 3),
        5: (128, 64, 3, 3),
        7: (128, 128, 3, 3),
        10: (256, 128, 3, 3),
        12: (256, 256, 3, 3),
        14: (256, 256, 3, 3),
        17: (512, 256, 3, 3),
        19: (512, 512, 3, 3),
        21: (512, 512, 3, 3),
        24: (512, 512, 3, 3),
        26: (512, 512, 3, 3),
        28: (512, 512, 3, 3),
    },
    "alexnet": {
        0: (64, 3, 11, 11),
        3: (192, 64, 5, 5),
        6: (384, 192, 3, 3),
        8: (256, 384, 3, 3),
        10: (256, 256, 3, 3),
    },
}
# The losses read no further than relu4_3 of VGG-16, so a file may end there.
_LAST_NEEDED: dict[Network, int] = {"vgg16": 21, "alexnet": 10}


def convolution_indices(network: Network) -> tuple[int, ...]:
    """Places of the convolutions in torchvision's ``features``, first to last."""
    return tuple(_KERNELS[network])


def tensor_shapes(network: Network) -> dict[str, Shape]:
    """Key name -> shape of every convolution's weight and bias."""
    return {
        name: shape
        for index, kernel in _KERNELS[network].items()
        for name, shape in (
            (f"features.{index}.weight", kernel),
            (f"features.{index}.bias", kernel[:1]),
        )
    }


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
