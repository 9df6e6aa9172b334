"""Content images cut from a folder of photos."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from fastst.data.decoding import WIDEST_VIEW, random_crop, read_photo
from fastst.errors import FaststError, UsageError
from fastst.images.finding import find_pictures


class PhotoCrops(torch.utils.data.Dataset[torch.Tensor]):
    """Random crops of the photos in a folder, flat or nested: (3, size, size), float32, RGB in [0, 1].

    Item `index` is a pure function of (seed, index) and the folder's contents. Each run of as many indices as
    there are photos is one epoch and shows every photo once, in an order of its own. A photo that cannot be
    used is replaced by the one after it in that order.

    Raises:
        UsageError: if the folder holds no picture, or none that can be used.
    """

    def __init__(self, folder: Path, *, size: int, seed: int, length: int) -> None:
        self._unlisted: dict[Path, str] = {}
        found = find_pictures([folder], on_unlisted=self._note_unlisted)
        self._paths = [path for path, _ in found]
        if not self._paths:
            raise UsageError(f"{folder}: holds no pictures (JPEG, PNG, WebP, ...); name a folder of photos")
        # Shared memory, so that the main process learns what its DataLoader workers could not use.
        self._unusable = torch.zeros(len(self._paths), dtype=torch.bool).share_memory_()
        self.folder = folder
        self.size = size
        self.seed = seed
        self.length = length
        self._require_a_photo()

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> torch.Tensor:
        if not 0 <= index < self.length:
            raise IndexError(index)
        count = len(self._paths)
        epoch, place = divmod(index, count)
        order = _epoch_order(self.seed, epoch, count)
        image = self._first_usable(order[(place + step) % count] for step in range(count))
        return random_crop(image, size=self.size, rng=np.random.default_rng([self.seed, index]))

    @property
    def skipped(self) -> dict[Path, str]:
        """The photos met so far that could not be used, and why; those met by workers are among them.

        So are folders that cannot be listed.
        """
        reasons = dict(self._unlisted)
        for number in self._unusable.nonzero().flatten().tolist():
            try:
                self._read(number)
            except FaststError as error:
                reasons[self._paths[number]] = str(error)
        return reasons

    def _note_unlisted(self, folder: Path, error: FaststError) -> None:
        self._unlisted[folder] = str(error)

    def _read(self, number: int) -> Image.Image:
        return read_photo(self._paths[number], enough=int(self.size * WIDEST_VIEW))

    def _first_usable(self, numbers: Iterable[int]) -> Image.Image:
        for number in map(int, numbers):
            if self._unusable[number]:
                continue
            try:
                return self._read(number)
            except FaststError:
                self._unusable[number] = True
        raise UsageError(
            f"{self.folder}: none of its {len(self._paths)} pictures can be used; check the files"
        )

    def _require_a_photo(self) -> None:
        self._first_usable(range(len(self._paths)))


@lru_cache(maxsize=4)
def _epoch_order(seed: int, epoch: int, count: int) -> NDArray[np.intp]:
    return np.random.default_rng([seed, epoch, count]).permutation(count)
