"""Content images for training: made from nothing, from a folder of photos, or from the Hugging Face Hub."""

import re

import torch

from fastst.data.photos import PhotoCrops
from fastst.data.synthetic import SyntheticImages
from fastst.errors import UsageError
from fastst.files import expanded

_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def content_dataset(
    source: str | None, *, size: int, seed: int, start: int, length: int
) -> torch.utils.data.Dataset[torch.Tensor]:
    """The content images that `source` names, each (3, size, size), float32, RGB in [0, 1].

    None or "synthetic" makes them from nothing, a folder gives crops of its photos, and any other name is
    taken for a data set on the Hugging Face Hub. The first two are map-style: sample indices start to
    length - 1 in order. The last is an endless iterable that begins at sample start.

    Raises:
        UsageError: if there is no such folder or data set, or no usable photo in it.
    """
    if source is None or source == "synthetic":
        return SyntheticImages(size=size, seed=seed, length=length)
    folder = expanded(source)
    if folder.is_dir():
        return PhotoCrops(folder, size=size, seed=seed, length=length)
    if folder.exists():
        raise UsageError(f"{source}: is a file; name the folder of photos that it lies in")
    if not _HUB_NAME.fullmatch(source):
        raise UsageError(
            f"{source}: no such folder; name a folder of photos, or leave it out for synthetic images"
        )
    from fastst.data.hub import HubCrops

    return HubCrops(source, size=size, seed=seed, start=start)
