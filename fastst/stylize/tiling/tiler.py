"""Stylize a picture of any size within a given amount of memory."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from fastst.engines.hardware import multiplies_in_bf16
from fastst.images.tensors import to_image
from fastst.networks.recolor import Colors
from fastst.stylize.tiling.canvas import Canvas
from fastst.stylize.tiling.geometry import Geometry, measure_geometry
from fastst.stylize.tiling.memory import bytes_per_pixel, memory_left, tile_side
from fastst.stylize.tiling.strokes import enlarge_tiles, reduced
from fastst.stylize.tiling.tiles import Tile, read_pixels, stylize_tiles, whole

# Shares of the time that goes into a picture with large strokes.
_PAINTING = 0.8


class Tiler:
    """Stylizes canvases with one network, whole where memory allows and in tiles elsewhere.

    Attributes:
        network: takes and returns (1, 3, H, W), RGB in [0, 1]; in eval.
        run: runs it on a picture that is small enough to be whole.
        device: where the network is.
        room: bytes that pictures and the work on them may take.
    """

    def __init__(
        self, network: nn.Module, run: Callable[[Tensor], Tensor], *, device: torch.device, memory: int
    ) -> None:
        """Take what ``memory`` leaves at this moment: later, memory that was freed and not given back to the
        system would count too.
        """
        self.network, self.run, self.device = network, run, device
        self.room = memory_left(memory, device)

    @cached_property
    def geometry(self) -> Geometry:
        """How the network may be cut into tiles."""
        return measure_geometry(self.network)

    @cached_property
    def pixel_bytes(self) -> float:
        """Memory that a run takes for each pixel that it is given."""
        return bytes_per_pixel(self.network)

    def takes_whole(self, width: int, height: int, *, held: int = 0) -> bool:
        """Whether memory allows to run on a picture of that size as a whole, beside ``held`` bytes."""
        return width * height * self.pixel_bytes <= self.room - held

    def check_room(self, width: int, height: int, *, held: int) -> None:
        """Refuse a picture that memory allows neither whole nor in tiles, beside ``held`` bytes.

        Raises:
            UsageError: saying how much is missing.
        """
        if not self.takes_whole(width, height, held=held):
            self._side(held)

    def _side(self, held: int) -> int:
        return tile_side(memory=self.room - held, pixel_bytes=self.pixel_bytes, geometry=self.geometry)

    def paint(
        self,
        picture: Canvas,
        put: Callable[[Tile, Tensor, Tensor], None],
        *,
        stroke_size: float = 1.0,
        colors: Colors | None = None,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        """Stylize a canvas.

        Args:
            picture: the photo.
            put: called with each tile, its photo and its stylized picture, both (1, 3, h, w), RGB, the first
                in [0, 1].
            stroke_size: how many times larger strokes are than the network's own.
            colors: those to recolor tiles by; None: the canvas's own, as it does when it is run whole.
            on_progress: called with the share of the work that is done.

        Raises:
            UsageError: if the memory is too little for any tile.
            FaststError: if the network cannot work in tiles.
        """
        # The photo, and the result that it is painted onto.
        held = 2 * picture.held_bytes
        if stroke_size == 1:
            self._paint(picture, put, on_progress, held=held, colors=colors)
            return
        small = reduced(picture, stroke_size)
        stylized = small.blank(small.height, small.width)
        self._paint(
            small,
            lambda tile, _, result: stylized.write(*tile.inner, np.asarray(to_image(result[0]))),
            lambda share: on_progress(_PAINTING * share),
            held=held + 2 * small.held_bytes,
            colors=colors,
        )
        enlarge_tiles(
            picture,
            small,
            stylized,
            put,
            device=self.device,
            on_progress=lambda share: on_progress(_PAINTING + (1 - _PAINTING) * share),
        )

    def _paint(
        self,
        picture: Canvas,
        put: Callable[[Tile, Tensor, Tensor], None],
        on_progress: Callable[[float], None],
        *,
        held: int,
        colors: Colors | None,
    ) -> None:
        if self.takes_whole(picture.width, picture.height, held=held):
            tile = whole(picture.height, picture.width)
            photo = read_pixels(picture, tile.outer, self.device)
            put(tile, photo, self.run(photo))
            on_progress(1.0)
            return
        # Measured with the classic network against float32: mean difference 0.2 of an 8-bit step.
        bf16 = multiplies_in_bf16(self.device.type)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bf16):
            stylize_tiles(
                self.network,
                picture,
                put,
                geometry=self.geometry,
                side=self._side(held),
                colors=colors,
                on_progress=on_progress,
            )
