"""Content images streamed from a data set: on the Hugging Face Hub, or Parquet and WebDataset files here."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from fastst.data.decoding import WIDEST_VIEW, decode_photo, random_crop, read_photo
from fastst.errors import FaststError, UsageError

SHUFFLE_BUFFER = 1000


class HubCrops(torch.utils.data.IterableDataset[torch.Tensor]):
    """Random crops of the pictures of a data set, without end: (3, size, size), float32, RGB in [0, 1].

    Sample n is a pure function of (seed, n) and the data set, so a run that starts at sample n sees what one
    from 0 sees from there on; the samples before are read past, not decoded. A picture that cannot be used is
    replaced by the one after it. Of several DataLoader workers the first does all the work: that keeps
    the order of the samples, and reading the stream, not decoding, is what takes time.

    Several processes read it together: each gets files of its own where these can be shared out evenly, and
    else every so manieth picture. Each goes on to its next epoch by itself, so that nobody waits for one that
    has more. Its sample n is then sample n * processes + process of all.

    `name` is "owner/name" on the Hub, or the path of a data set here: a folder, a Parquet file, or a TAR
    archive as WebDataset has them.

    Raises:
        UsageError: if there is no such data set, it has no split "train" or no picture column, or the Hub
            cannot be reached.
    """

    def __init__(
        self, name: str, *, size: int, seed: int, start: int, process: int = 0, processes: int = 1
    ) -> None:
        self.name = name
        self.size = size
        self.seed = seed
        self.start = start
        self._process, self._processes = process, processes
        self._stream, self._column = _open_stream(name, seed=seed)
        if processes > 1:
            from datasets.distributed import split_dataset_by_node

            self._stream = split_dataset_by_node(self._stream, rank=process, world_size=processes)

    def __iter__(self) -> Iterator[torch.Tensor]:
        worker = torch.utils.data.get_worker_info()
        if worker is not None and worker.id > 0:
            return
        waiting = 0
        for number, picture in self._pictures():
            if number < self.start:
                continue
            image = self._usable(picture)
            if image is None:
                waiting += 1
                if waiting >= SHUFFLE_BUFFER:
                    raise FaststError(
                        f"{self.name}: {waiting} pictures in a row cannot be used; choose another"
                    )
                continue
            for own in range(number - waiting, number + 1):
                sample = own * self._processes + self._process
                yield random_crop(image, size=self.size, rng=np.random.default_rng([self.seed, sample]))
            waiting = 0

    def _pictures(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and encoded picture of every sample from 0 on, epoch after epoch."""
        number = 0
        for epoch in count():
            self._stream.set_epoch(epoch)
            before = number
            # By iter(), since plain iteration would give each DataLoader worker a part of the set.
            batches = self._stream.iter(batch_size=1)
            while (batch := self._next(batches)) is not None:
                yield number, batch[self._column][0]
                number += 1
            if number == before:
                raise UsageError(f'{self.name}: its split "train" is empty; choose another data set')

    def _next(self, batches: Iterator[dict[str, Any]]) -> dict[str, Any] | None:
        try:
            return next(batches, None)
        except Exception as error:  # the network and every file format have exceptions of their own
            raise FaststError(
                f"{self.name}: reading the data set broke off ({_first_line(error)})"
            ) from error

    def _usable(self, picture: dict[str, Any] | None) -> Image.Image | None:
        enough = int(self.size * WIDEST_VIEW)
        try:
            if picture is None:
                return None
            if picture["bytes"] is None:
                return read_photo(Path(picture["path"]), enough=enough)
            return decode_photo(picture["bytes"], name=self.name, enough=enough)
        except FaststError:
            return None


def _open_stream(name: str, *, seed: int) -> tuple[Any, str]:
    """The shuffled stream of encoded pictures, and the name of the column that they are in."""
    import datasets

    path = Path(name)
    if not path.exists():
        _require_on_hub(name)
    try:
        if path.is_file():
            module = "webdataset" if path.suffix.lower() == ".tar" else "parquet"
            stream = datasets.load_dataset(module, data_files=name, split="train", streaming=True)
        else:
            stream = datasets.load_dataset(name, split="train", streaming=True)
    except Exception as error:  # datasets has no common exception for what it cannot load
        raise UsageError(f"{name}: cannot be loaded as a data set ({_first_line(error)})") from error
    features = stream.features or {}
    columns = [column for column, feature in features.items() if isinstance(feature, datasets.Image)]
    if not columns:
        raise UsageError(
            f"{name}: has no column of pictures, only {', '.join(features)}; choose another data set"
        )
    column = columns[0]
    pictures = stream.select_columns([column]).cast_column(column, datasets.Image(decode=False))
    return pictures.shuffle(seed=seed, buffer_size=SHUFFLE_BUFFER), column


def _require_on_hub(name: str) -> None:
    """Ask the Hub once, since load_dataset would retry for half a minute without internet."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    try:
        HfApi().dataset_info(name, timeout=10)
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UsageError(f"{name}: no such folder, and no such data set on the Hugging Face Hub") from error
    except Exception as error:  # its HTTP library's own exceptions
        raise UsageError(
            f"{name}: no such folder, and the Hugging Face Hub cannot be reached; name a folder of photos"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
