"""To watch a training by: its reports and result, a sheet of previews, and TensorBoard."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from fastst.errors import FaststError, UsageError
from fastst.images.finding import find_pictures
from fastst.images.pictures import Picture, read_picture, write_picture
from fastst.images.tensors import to_image, to_tensor
from fastst.loss_network.torchvision_import import torchvision
from fastst.networks.header import Metadata

_PICTURES = 4
# Smaller, strokes would look larger than on anybody's photos.
PREVIEW_SIDE = 400
# The package's own.
FREE_PHOTOS = Path(__file__).parents[1] / "photos"


@dataclass(frozen=True)
class StepReport:
    """What one step did, for progress bars and logs.

    The loss terms are means over the pictures of the last batch, of all processes.
    """

    step: int
    steps: int
    seconds: float
    share: float
    images_per_second: float
    terms: dict[str, float]


@dataclass(frozen=True)
class TrainingResult:
    """Where the checkpoint is, and what training it took.

    ``skipped`` are photos that could not be used, with reasons; of several processes, the one with
    ``is_main_process`` should tell the user.
    """

    checkpoint: Path
    metadata: Metadata
    seconds: float
    skipped: dict[Path, str]
    is_main_process: bool


def preview_images(photos: Path | None, *, size: int) -> list[Image.Image]:
    """Return four squares of ``size`` px: of a folder's first photos, or of the package's own if None.

    Raises:
        UsageError: if the folder has no picture that can be read.
    """
    images: list[Image.Image] = []
    for file, _ in find_pictures([photos or FREE_PHOTOS]):
        with suppress(FaststError):
            images.append(_central_square(read_picture(file).rgb, size))
        if len(images) == _PICTURES:
            break
    if not images:
        raise UsageError(f"{photos}: has no pictures for the preview")
    return images


@torch.inference_mode()
def write_preview(path: Path, images: Sequence[Image.Image], network: nn.Module) -> None:
    """Write a PNG with the photos in the upper row and the stylized pictures in the lower.

    Args:
        path: where to.
        images: squares of one size.
        network: maps (N, 3, H, W) in [0, 1] to the same.
    """
    device = next(network.parameters()).device
    photos = torch.stack([to_tensor(image) for image in images])
    stylized = network(photos.to(device)).float().cpu()
    sheet = torchvision.utils.make_grid(torch.cat([photos, stylized]), nrow=len(images), padding=0)
    write_picture(Picture(rgb=to_image(sheet)), path)


def _central_square(image: Image.Image, size: int) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))


_OnStep = Callable[[StepReport], None]


@contextmanager
def logged_to(folder: Path | None, on_step: _OnStep) -> Iterator[_OnStep]:
    """Yield a step callback that calls ``on_step`` and also logs to the folder, if there is one.

    Raises:
        UsageError: if TensorBoard is not installed.
    """
    if folder is None:
        yield on_step
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError('TensorBoard is not installed: pip install "fastst[tensorboard]"') from error
    with ExitStack() as stack:

        @cache
        def writer() -> SummaryWriter:
            # Made at the first report: of several processes, one reports.
            return stack.enter_context(SummaryWriter(folder))

        def log(report: StepReport) -> None:
            on_step(report)
            for name, value in report.terms.items():
                writer().add_scalar(f"loss/{name}", value, report.step)
            writer().add_scalar("images per second", report.images_per_second, report.step)

        yield log
