"""Content images for training: made from nothing, from a folder of photos, or from a data set."""

import re
from pathlib import Path

import torch

from fastst.data.photos import PhotoCrops
from fastst.data.synthetic import SyntheticImages
from fastst.errors import UsageError
from fastst.files import expanded

_DATA_SET_SUFFIXES = frozenset((".parquet", ".tar"))
_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def content_dataset(
    source: str | None,
    *,
    size: int,
    seed: int,
    start: int,
    length: int,
    process: int = 0,
    processes: int = 1,
) -> torch.utils.data.Dataset[torch.Tensor]:
    """The content images that `source` names, each (3, size, size), float32, RGB in [0, 1].

    None or "synthetic" makes them from nothing, and a folder gives crops of its photos. Both are map-style:
    sample indices start to length - 1 in order. A folder of Parquet files or of WebDataset's archives, one
    such file, or the name of a data set on the Hugging Face Hub give an endless iterable that begins at
    sample start. Of that, each of several processes gets samples of its own, as many before start as the
    others.

    Raises:
        UsageError: if there is no such folder or data set, or no usable photo in it.
    """
    if source is None or source == "synthetic":
        return SyntheticImages(size=size, seed=seed, length=length)
    path = expanded(source)
    if _is_data_set(path):
        name = str(path)
    elif path.is_dir():
        return PhotoCrops(path, size=size, seed=seed, length=length)
    elif path.exists():
        raise UsageError(f"{source}: is a file; name the folder of photos that it lies in")
    elif not _HUB_NAME.fullmatch(source):
        raise UsageError(
            f"{source}: no such folder; name a folder of photos, or leave it out for synthetic images"
        )
    else:
        name = source
    from fastst.data.hub import HubCrops

    return HubCrops(
        name, size=size, seed=seed, start=start // processes, process=process, processes=processes
    )


def _is_data_set(path: Path) -> bool:
    """Whether it is a file of pictures in Parquet or WebDataset's format, or a folder of these."""
    if path.is_file():
        return path.suffix.lower() in _DATA_SET_SUFFIXES
    return any(file.suffix in _DATA_SET_SUFFIXES for file in path.rglob("*"))
