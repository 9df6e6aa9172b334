r"""Train all the styles of a gallery at once: convolutions that they share, norms of their own.

    python scripts/train_gallery.py ../shared/styles/*.jpg --data ../shared/photos/train \
        -o gallery --architecture brush-wide --images 160000 --batch 16

After Dumoulin et al., "A Learned Representation for Artistic Style" (2017): one network whose instance norms
have a row of scales and shifts for each painting. What one painting teaches the convolutions serves the
others, so that eleven styles take little longer than one; and all of them can be mixed, as they differ in
their norms alone. Each becomes a checkpoint of its own, which runs like any other; the mean of their rows
becomes the base that trainings start from. With --temporal-weight the styles are those for video.

It saves its state every --save-every steps and goes on from it when it is run again; on a GPU in bf16.
"""

import argparse
import math
import time
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from fastst.data import content_dataset
from fastst.images.tensors import read_tensor
from fastst.loss_network import load_loss_network
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.networks import all_options, build
from fastst.networks.checkpoint import save_checkpoint
from fastst.networks.header import Metadata
from fastst.networks.layers import InstanceNorm
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.recolor import take_colors
from fastst.networks.styles import BASES
from fastst.runtime import __version__
from fastst.training.balance import Balance
from fastst.training.batches import content_batches
from fastst.training.contrast import PHOTOS, match_contrast
from fastst.training.optim import EMA, build_optimizers, choose_precision, learning_rate
from fastst.training.settings import TrainingSettings
from fastst.training.state import Progress, load_state, save_state, saved_step
from fastst.training.step import training_terms


class GalleryNorm(nn.Module):
    """An instance norm with a row of scales and shifts for each style of a gallery."""

    def __init__(self, norm: InstanceNorm, styles: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(norm.weight.detach().repeat(styles, 1))
        self.bias = nn.Parameter(norm.bias.detach().repeat(styles, 1))
        self.epsilon = norm.epsilon
        self.style = 0

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C, H, W), all of them in the one style that is set."""
        variance, mean = torch.var_mean(maps.float(), dim=(2, 3), correction=0, keepdim=True)
        scale = self.weight[self.style][None, :, None, None] * torch.rsqrt(variance + self.epsilon)
        shift = self.bias[self.style][None, :, None, None] - mean * scale
        return torch.addcmul(shift, maps.float(), scale).to(maps.dtype)


def with_gallery_norms(network: nn.Module, styles: int) -> nn.Module:
    """Give a network, in place, norms for so many styles."""
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, InstanceNorm):
                setattr(module, name, GalleryNorm(child, styles))
    return network


def choose(network: nn.Module, style: int) -> None:
    """Let the network paint in one of the gallery's styles."""
    for module in network.modules():
        if isinstance(module, GalleryNorm):
            module.style = style


def one_style(gallery: nn.Module, architecture: str, options: dict[str, int], style: int | None) -> nn.Module:
    """Return a style's network without the others, or with None the mean of all."""
    network = build(architecture, **options)
    weights = {
        name: value.mean(dim=0) if style is None else value[style]
        for name, value in gallery.state_dict().items()
        if value.dim() == network.state_dict()[name].dim() + 1
    }
    network.load_state_dict({**gallery.state_dict(), **weights})
    return network.eval()


def main() -> None:
    """Train the gallery."""
    arguments = parse()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    bf16 = choose_precision("auto") == "bf16"
    torch.manual_seed(0)
    options = all_options(arguments.architecture, {})
    gallery = with_gallery_norms(build(arguments.architecture), len(arguments.paintings)).to(device)
    gallery.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    settings = ObjectiveSettings()
    loss_network = load_loss_network(settings.layers, path=arguments.loss_network_weights).to(device)
    paintings = [read_tensor(file, size=arguments.style_size).to(device) for file in arguments.paintings]
    objectives = [Objective(loss_network, painting, settings) for painting in paintings]
    balances = [Balance(arguments.edges) for _ in paintings]
    ema = EMA(gallery, decay=0.999)
    optimizers = build_optimizers(gallery, name="muon", rate=arguments.learning_rate)
    steps = math.ceil(arguments.images / arguments.batch)
    state = arguments.output / "gallery.state.safetensors"
    arguments.output.mkdir(parents=True, exist_ok=True)
    record = TrainingSettings(
        painting=Path("+".join(file.stem for file in arguments.paintings)),
        output=arguments.output / "gallery.safetensors",
        data=str(arguments.data),
        size=arguments.size,
        style_size=arguments.style_size,
        batch=arguments.batch,
        accumulation=arguments.styles_per_step,
        steps=steps,
        architecture=arguments.architecture,
        init=FROM_NOTHING,
        edges=arguments.edges,
        temporal_weight=arguments.temporal_weight,
        learning_rate=arguments.learning_rate,
    ).what_decides_the_result()
    progress = Progress(step=0, seconds=0.0)
    if saved_step(state):
        progress, kept = load_state(
            state, network=gallery, ema=ema.network, optimizers=optimizers, settings=record
        )
        for balance, factor in zip(balances, kept["log_factor"], strict=True):
            balance.load_state_dict({"log_factor": factor})

    def save(progress: Progress) -> None:
        factors = torch.stack([balance.state_dict()["log_factor"] for balance in balances])
        save_state(
            state,
            network=gallery,
            ema=ema.network,
            optimizers=optimizers,
            balance={"log_factor": factors},
            progress=progress,
            settings=record,
        )

    # Groups of one style each: as many as there are are in a step, in turn.
    group = arguments.batch // arguments.styles_per_step
    photos = content_batches(
        content_dataset(
            str(arguments.data),
            size=arguments.size,
            seed=0,
            start=progress.step * arguments.batch,
            length=steps * arguments.batch,
        ),
        batch=group,
        batches_before=progress.step * arguments.styles_per_step,
        process=0,
        processes=1,
        device=device,
    )
    began, start = time.monotonic(), progress
    for step in range(progress.step, steps):
        rate = learning_rate(step=step, progress=step / steps, peak=arguments.learning_rate, warm_up=100)
        for optimizer in optimizers.values():
            optimizer.zero_grad()
            optimizer.param_groups[0]["lr"] = rate
        generator = torch.Generator().manual_seed(step)
        chosen = torch.randperm(len(paintings), generator=generator)[: arguments.styles_per_step].tolist()
        told = {}
        for style in chosen:
            choose(gallery, style)
            take_colors(gallery, paintings[style])
            objective = objectives[style]
            objective.strength_factor = balances[style].factor
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                terms, edges = training_terms(
                    gallery,
                    objective,
                    next(photos),
                    temporal_weight=arguments.temporal_weight,
                    generator=generator,
                )
            (terms.total.mean() / len(chosen)).backward()
            balances[style].observe(edges)
            told[arguments.paintings[style].stem] = round(terms.means["total"], 3)
        for optimizer in optimizers.values():
            optimizer.step()
        ema.update(gallery, step=step)
        progress = Progress(step + 1, start.seconds + time.monotonic() - began)
        if progress.step % arguments.save_every == 0:
            save(progress)
            pace = (progress.step - start.step) * arguments.batch / (progress.seconds - start.seconds)
            print(f"{progress.step}/{steps} {pace:.1f} images/s {told}", flush=True)
    save(progress)
    write_styles(ema.network, paintings, balances, options, arguments, pictures=steps * arguments.batch)


def write_styles(
    gallery: nn.Module,
    paintings: list[Tensor],
    balances: list[Balance],
    options: dict[str, int],
    arguments: argparse.Namespace,
    *,
    pictures: int,
) -> None:
    """Write each style's checkpoint, and the base's."""
    names = [file.stem.replace("_", "-") for file in arguments.paintings]
    record: dict[str, Any] = {
        "gallery": names,
        "pictures": pictures,
        "size": arguments.size,
        "style_size": arguments.style_size,
        "temporal_weight": arguments.temporal_weight,
        "objective": ObjectiveSettings().model_dump(mode="json"),
    }
    suffix = ".film" if arguments.temporal_weight else ""
    base = BASES[arguments.architecture]
    for style, name in [*enumerate(names), (None, base)]:
        network = one_style(gallery, arguments.architecture, options, style)
        more: dict[str, Any] = {}
        if style is not None:
            take_colors(network, paintings[style].cpu())
            photos = content_dataset(arguments.data, size=arguments.size, seed=0, start=0, length=PHOTOS)
            first = islice(torch.utils.data.DataLoader(photos, batch_size=None), PHOTOS)
            gain = match_contrast(network, paintings[style].cpu(), first)
            more = {
                "painting": arguments.paintings[style].name,
                "strength": balances[style].factor,
                "contrast_gain": round(gain, 3),
            }
        metadata = Metadata(
            architecture=arguments.architecture,
            options=options,
            title=name.replace("-", " ").title(),
            steps=math.ceil(pictures / arguments.batch),
            data=arguments.data if arguments.data == "synthetic" else Path(arguments.data).name,
            training={**record, **more},
            fastst_version=__version__,
        )
        file = f"{name}{suffix if style is not None else ''}.safetensors"
        save_checkpoint(arguments.output / file, network, metadata)
        print(arguments.output / file, flush=True)


def parse() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paintings", type=Path, nargs="+")
    parser.add_argument(
        "--output", "-o", type=Path, required=True, help="folder for the state and the styles"
    )
    parser.add_argument("--data", default="synthetic", help="folder of photos, data set, or synthetic")
    parser.add_argument("--architecture", default="brush-wide", choices=list(BASES))
    parser.add_argument("--images", type=int, default=160_000, help="content images in all")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--styles-per-step", type=int, default=4)
    parser.add_argument("--size", type=int, default=256, help="side of the crops in px")
    parser.add_argument("--style-size", type=int, default=400)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--edges", type=float, default=0.72)
    parser.add_argument(
        "--temporal-weight", type=float, default=0.0, help="weight of the temporal loss, for video"
    )
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--loss-network-weights", type=Path)
    arguments = parser.parse_args()
    arguments.styles_per_step = min(arguments.styles_per_step, len(arguments.paintings), arguments.batch)
    if arguments.batch % arguments.styles_per_step:
        parser.error("--batch must be a multiple of --styles-per-step")
    return arguments


if __name__ == "__main__":
    main()
