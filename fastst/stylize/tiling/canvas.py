"""Pictures of which one rectangle at a time is read or written: in memory, or on disk."""

import os
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
# Of a video, for each pixel: in the decoder, in the queues and in the encoder.
_FILM_BYTES = 40
_RESERVED_AT_ONCE = 2**22


class Canvas(Protocol):
    """A picture of ``height`` by ``width`` px, RGB, 8 bits, that takes ``held_bytes`` of memory."""

    height: int
    width: int
    held_bytes: int

    def read(self, rows: slice, columns: slice) -> Pixels:
        """Return a rectangle as (h, w, 3)."""

    def write(self, rows: slice, columns: slice, pixels: Pixels) -> None:
        """Set a rectangle to (h, w, 3)."""

    def blank(self, height: int, width: int) -> Self:
        """Return a new canvas of that size, kept in the same place."""


class MemoryCanvas:
    """A Pillow image as a canvas, without a copy of it."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image
        self.width, self.height = image.size
        # Pillow keeps RGB in four bytes a pixel.
        self.held_bytes = 4 * self.width * self.height

    def read(self, rows: slice, columns: slice) -> Pixels:
        """Return a rectangle as (h, w, 3)."""
        return np.array(self.image.crop((columns.start, rows.start, columns.stop, rows.stop)))

    def write(self, rows: slice, columns: slice, pixels: Pixels) -> None:
        """Set a rectangle to (h, w, 3)."""
        self.image.paste(Image.fromarray(pixels), (columns.start, rows.start))

    def blank(self, height: int, width: int) -> "MemoryCanvas":
        """Return a new canvas of that size, in memory too."""
        return MemoryCanvas(Image.new("RGB", (width, height)))


class FrameCanvas:
    """A video's frame as a canvas, without a copy of it.

    With its result it counts as what a video holds of its frames, of which several are under way at a time.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.height, self.width = pixels.shape[:2]
        self.held_bytes = frame_bytes(self.width, self.height) // 2

    def read(self, rows: slice, columns: slice) -> Pixels:
        """Return a rectangle as (h, w, 3)."""
        return np.array(self.pixels[rows, columns])

    def write(self, rows: slice, columns: slice, pixels: Pixels) -> None:
        """Set a rectangle to (h, w, 3)."""
        self.pixels[rows, columns] = pixels

    def blank(self, height: int, width: int) -> "FrameCanvas":
        """Return a new canvas of that size, in memory too."""
        return FrameCanvas(np.zeros((height, width, 3), np.uint8))


def frame_bytes(width: int, height: int) -> int:
    """Return the memory that a video takes for its frames, besides the work on one."""
    return _FILM_BYTES * width * height


class DiskCanvas:
    """A file of raw pixels, row by row, as a canvas; bands beyond three are left alone.

    The file is mapped anew for each rectangle: pages of a mapping that stays would count as memory of this
    process for as long as nobody else wants it.
    """

    held_bytes = 0

    def __init__(self, path: Path, height: int, width: int, *, bands: int = 3) -> None:
        """Take the file as it is, or make one of zeros.

        Raises:
            OSError: if the disk has no room for it.
        """
        self.path, self.height, self.width, self.bands = path, height, width, bands
        if not path.exists():
            _reserve(path, height * width * bands)

    def read(self, rows: slice, columns: slice) -> Pixels:
        """Return a rectangle as (h, w, 3)."""
        return np.array(self._map("r")[rows, columns, :3])

    def write(self, rows: slice, columns: slice, pixels: Pixels) -> None:
        """Set a rectangle to (h, w, 3)."""
        self._map("r+")[rows, columns, :3] = pixels

    def fill_hidden(self) -> None:
        """Replace the colors of pixels that are wholly clear by the mean of those that are not.

        Unlike ``fastst.images.hidden`` not by those nearby, which would take the picture in memory.
        """
        rows = max(1, _RESERVED_AT_ONCE // (self.width * self.bands))
        spans = [slice(start, min(start + rows, self.height)) for start in range(0, self.height, rows)]
        total, count = np.zeros(3), 0
        for span in spans:
            part = np.array(self._map("r")[span])
            visible = part[..., 3] > 0
            total += part[..., :3][visible].sum(axis=0, dtype=np.float64)
            count += int(visible.sum())
        mean = np.rint(total / count).astype(np.uint8) if count else np.full(3, 255, np.uint8)
        for span in spans:
            part = np.array(self._map("r")[span])
            hidden = part[..., 3] == 0
            if hidden.any():
                part[..., :3][hidden] = mean
                self._map("r+")[span] = part

    def blank(self, height: int, width: int) -> "DiskCanvas":
        """Return a new canvas of that size, in a file beside this one."""
        number = len(list(self.path.parent.iterdir()))
        return DiskCanvas(self.path.with_name(f"{number}.raw"), height, width)

    def _map(self, mode: Literal["r", "r+"]) -> "np.memmap[tuple[int, ...], np.dtype[np.uint8]]":
        return np.memmap(self.path, np.uint8, mode, shape=(self.height, self.width, self.bands))


def _reserve(path: Path, size: int) -> None:
    """Make a file of zeros whose room on the disk is taken: a mapping of one that is not ends the process."""
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
            return
        zeros = bytes(_RESERVED_AT_ONCE)
        for start in range(0, size, _RESERVED_AT_ONCE):
            file.write(zeros[: size - start])
