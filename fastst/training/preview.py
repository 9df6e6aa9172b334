"""A sheet of photos and what the network makes of them, to watch a training by."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch
from PIL import Image
from torch import nn

from fastst.atomic import atomic_path
from fastst.data import content_dataset
from fastst.errors import FaststError, UsageError
from fastst.images import read_picture, to_image, to_tensor
from fastst.picture_files import find_pictures

_PICTURES = 4
# Far from any index that a training draws, so that the sheet shows pictures it has not seen.
_UNSEEN_SEED = 2**31 - 1


def preview_images(photos: Path | None, *, size: int) -> list[Image.Image]:
    """Return four squares of ``size`` px: of a folder's first photos, or synthetic ones if None.

    Raises:
        UsageError: if the folder has no picture that can be read.
    """
    if photos is None:
        dataset = content_dataset("synthetic", size=size, seed=_UNSEEN_SEED, start=0, length=_PICTURES)
        return [to_image(dataset[index]) for index in range(_PICTURES)]
    images: list[Image.Image] = []
    for file, _ in find_pictures([photos]):
        with suppress(FaststError):
            images.append(_central_square(read_picture(file).rgb, size))
        if len(images) == _PICTURES:
            break
    if not images:
        raise UsageError(f"{photos}: has no pictures for the preview")
    return images


@torch.inference_mode()
def write_preview(path: Path, images: Sequence[Image.Image], network: nn.Module) -> None:
    """Write a PNG with the photos in the upper row and the stylised pictures in the lower.

    Args:
        path: where to.
        images: squares of one size.
        network: maps (N, 3, H, W) in [0, 1] to the same.
    """
    device = next(network.parameters()).device
    stylised = network(torch.stack([to_tensor(image) for image in images]).to(device))
    size = images[0].width
    sheet = Image.new("RGB", (size * len(images), 2 * size))
    for column, (image, result) in enumerate(zip(images, stylised, strict=True)):
        sheet.paste(image, (column * size, 0))
        sheet.paste(to_image(result.float().cpu()), (column * size, size))
    with atomic_path(path) as temporary:
        sheet.save(temporary)


def _central_square(image: Image.Image, size: int) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side))
