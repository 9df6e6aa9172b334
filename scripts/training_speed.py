"""Images a second of a training step here against a plain reading of the classic recipe, in one run.

The plain recipe is that of the well-known implementations of Johnson et al. 2016: fp32 in the default memory
layout, torch's instance norm, the whole of VGG-16 to relu4_3 on the stylized picture and on the photo.

Usage: python scripts/training_speed.py [--size 192] [--batch 4] [--steps 5]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.loss_network.torchvision_import import torchvision
from fastst.loss_network.vgg import IMAGENET_MEAN, IMAGENET_STD, LossNetwork
from fastst.loss_network.weights import find_weights, load_weights
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.networks import build
from fastst.training.optim import choose_precision
from fastst.training.step import training_terms

_STYLE_LAYERS = {3: "relu1_2", 8: "relu2_2", 15: "relu3_3", 22: "relu4_3"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    weights = load_weights(find_weights("vgg16", path=arguments.loss_network_weights))
    photos = torch.rand(arguments.batch, 3, arguments.size, arguments.size, device=device)
    painting = torch.rand(1, 3, 256, 256, device=device)
    fastest = choose_precision("auto")
    fastest_name = "fp32" if fastest == "no" else fastest

    def ours(architecture: str, precision: str, *, temporal_weight: float = 0.0) -> Callable[[], None]:
        return our_step(
            architecture, weights, painting, photos, precision=precision, temporal_weight=temporal_weight
        )

    steps = {
        "plain, width 32 (the paper's)": plain_step(32, weights, painting, photos),
        "plain, width 16": plain_step(16, weights, painting, photos),
        "fastst, classic 16, fp32": ours("classic", "no"),
        f"fastst, classic 16, {fastest_name}": ours("classic", fastest),
        f"fastst, swift, {fastest_name}": ours("swift", fastest),
        f"fastst, swift, {fastest_name}, temporal loss": ours("swift", fastest, temporal_weight=1.0),
    }
    rates = time_in_turn(steps, rounds=arguments.steps, images=arguments.batch, device=device)
    best = max(rates.values())
    print(
        f"{device}, {torch.get_num_threads()} threads, {arguments.batch} images of {arguments.size} px a step"
    )
    for name, rate in rates.items():
        print(f"{name:34} {rate:8.2f} images/s   the best of ours is {best / rate:.2f} times as fast")


def time_in_turn(
    steps: dict[str, Callable[[], None]], *, rounds: int, images: int, device: torch.device
) -> dict[str, float]:
    """Return images a second by name, from median times of runs that take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 1):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if turn:  # the first round warms up
                seconds[name].append(time.perf_counter() - began)
    return {name: images / statistics.median(times) for name, times in seconds.items()}


def our_step(
    architecture: str,
    weights: dict[str, Tensor],
    painting: Tensor,
    photos: Tensor,
    *,
    precision: str,
    temporal_weight: float,
) -> Callable[[], None]:
    """Return a step as the trainer makes it."""
    settings = ObjectiveSettings()
    objective = Objective(LossNetwork(weights, settings.layers).to(photos.device), painting, settings)
    network = build(architecture).to(photos.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(network.parameters())
    photos = photos.contiguous(memory_format=torch.channels_last)
    generator = torch.Generator().manual_seed(0)
    dtype = torch.float16 if precision == "fp16" else torch.bfloat16

    def step() -> None:
        with torch.autocast(photos.device.type, dtype, enabled=precision != "no"):
            terms, _ = training_terms(
                network, objective, photos, temporal_weight=temporal_weight, generator=generator
            )
            total = terms.total.mean()
        total.backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


def plain_step(
    width: int, weights: dict[str, Tensor], painting: Tensor, photos: Tensor
) -> Callable[[], None]:
    """Return a step of the plain recipe."""
    features = torchvision.models.vgg16(weights=None).features[:23].to(photos.device).requires_grad_(False)
    names = features.state_dict()
    features.load_state_dict({name: weights[f"features.{name}"] for name in names})
    network = plain_network(width).to(photos.device)
    optimizer = torch.optim.Adam(network.parameters())
    mean = torch.tensor(IMAGENET_MEAN, device=photos.device).view(1, 3, 1, 1)
    std = torch.tensor(IMAGENET_STD, device=photos.device).view(1, 3, 1, 1)

    def maps(image: Tensor) -> dict[str, Tensor]:
        found, image = {}, (image - mean) / std
        for index, layer in enumerate(features):
            image = layer(image)
            if index in _STYLE_LAYERS:
                found[_STYLE_LAYERS[index]] = image
        return found

    def gram(features: Tensor) -> Tensor:
        flat = features.flatten(2)
        return flat @ flat.mT / flat[0].numel()

    targets = {layer: gram(found) for layer, found in maps(painting).items()}

    def step() -> None:
        optimizer.zero_grad()
        stylized, photo = maps(network(photos)), maps(photos)
        loss = 1e5 * F.mse_loss(stylized["relu2_2"], photo["relu2_2"])
        for layer, target in targets.items():
            loss = loss + 1e10 * F.mse_loss(gram(stylized[layer]), target.expand(len(photos), -1, -1))
        loss.backward()
        optimizer.step()

    return step


def plain_network(width: int) -> nn.Sequential:
    """Return the classic network as it is usually written."""

    def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
        return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(inputs, outputs, kernel, stride)]

    def stage(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
        norm = nn.InstanceNorm2d(outputs, affine=True)
        return [*convolution(inputs, outputs, kernel, stride), norm, nn.ReLU()]

    class Residual(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            norm = nn.InstanceNorm2d(channels, affine=True)
            self.body = nn.Sequential(
                *stage(channels, channels, 3), *convolution(channels, channels, 3), norm
            )

        def forward(self, maps: Tensor) -> Tensor:
            return maps + self.body(maps)

    return nn.Sequential(
        *stage(3, width, 9),
        *stage(width, 2 * width, 3, 2),
        *stage(2 * width, 4 * width, 3, 2),
        *(Residual(4 * width) for _ in range(5)),
        nn.Upsample(scale_factor=2),
        *stage(4 * width, 2 * width, 3),
        nn.Upsample(scale_factor=2),
        *stage(2 * width, width, 3),
        *convolution(width, 3, 9),
    )


if __name__ == "__main__":
    main()
