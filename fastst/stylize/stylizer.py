"""Stylize pictures with a trained network: files, Pillow images, arrays or tensors."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, overload

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from fastst.engines import AUTO, build_engine, choose_engine, engine_kind
from fastst.engines.base import frame_colors
from fastst.errors import UsageError
from fastst.files import StrPath
from fastst.images import colors
from fastst.images.pictures import LEAST_SIDE, Picture, fit, read_picture, with_alpha
from fastst.images.tensors import to_image, to_tensor
from fastst.networks.recolor import Colors
from fastst.runtime import give_back_freed_memory
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeKeywords, StylizeOptions
from fastst.stylize.tiling.canvas import Canvas, FrameCanvas, MemoryCanvas, frame_bytes
from fastst.stylize.tiling.memory import default_memory, name_shortage, parse_memory
from fastst.stylize.tiling.tiler import Tiler
from fastst.stylize.tiling.tiles import Tile

# Reflection padding in a network fails on sides no longer than the padding.
MIN_SIDE = LEAST_SIDE


class Stylizer:
    """A network made ready to stylize pictures.

    Attributes:
        network: takes and returns (N, 3, H, W), RGB, nominally in [0, 1].
        metadata: what its checkpoint says about it.
        device: where it runs.
        engine_name: what runs it, such as "torch".
        engine: the network made ready on that.
        tiler: what stylizes pictures that are too large to run as a whole.
        mask_files: none; for what also takes stylizers by regions.
    """

    mask_files: Sequence[Path] = ()

    def __init__(
        self,
        network: nn.Module,
        metadata: Mapping[str, Any],
        *,
        device: str | torch.device | None = None,
        engine: str = "torch",
        memory: int | str | None = None,
    ) -> None:
        """Make the network ready: move it to ``device``, set it to eval, build its engine.

        Args:
            network: takes and returns (N, 3, H, W), RGB in [0, 1], sides of at least ``MIN_SIDE``.
            metadata: what its checkpoint says about it.
            device: such as "cpu" or "cuda"; None: CUDA, then MPS, else the CPU, or what the engine needs.
            engine: one of ``fastst.engines.engine_names()``. "torch" starts at once and stylizes in full
                precision; "auto" is the fastest here, worth its start for video and many pictures.
            memory: what pictures may take of it, in bytes or as in "2G", the whole process counted (on
                CUDA, the tensors there); larger ones are worked in tiles. None: half of what there is.

        Raises:
            UsageError: if there is no such device or engine here, or ``memory`` is no amount.
        """
        self.metadata = metadata
        self.device = pick_device(engine) if device is None else _checked_device(device)
        network = network.to(self.device).eval()
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.engine_name = engine
        if engine == AUTO:
            self.engine_name = choose_engine(network, self.device, elsewhere=device is None)
        self.engine = build_engine(network, self.engine_name, self.device)
        if memory is None:
            memory = default_memory(self.device)
        limit = parse_memory(memory) if isinstance(memory, str) else memory
        if limit < 1:
            raise UsageError(f"memory is {limit}; give a number of bytes, or a text such as 2G or 800M")
        self.tiler = Tiler(self.network, self.stylize, device=self.device, memory=limit)
        self._last_shape: torch.Size | None = None

    @overload
    def __call__(self, image: StrPath | Image.Image, **options: Unpack[StylizeKeywords]) -> Image.Image: ...
    @overload
    def __call__(self, image: NDArray[np.uint8], **options: Unpack[StylizeKeywords]) -> NDArray[np.uint8]: ...
    @overload
    def __call__(self, image: Tensor, **options: Unpack[StylizeKeywords]) -> Tensor: ...
    def __call__(
        self,
        image: StrPath | Image.Image | NDArray[np.uint8] | Tensor,
        **options: Unpack[StylizeKeywords],
    ) -> Image.Image | NDArray[np.uint8] | Tensor:
        """Stylize one picture; what comes back is of the kind that went in.

        Args:
            image: a path or a Pillow image of any mode, which give an RGB Pillow image, or RGBA if it
                has transparency; an array (H, W, 3), RGB, uint8; or a tensor (3, H, W), float RGB in
                [0, 1], which runs as a whole, and is rounded to 8 bits only if it is resized or the
                strokes are.
            options: ``size``, ``strength``, ``keep_colors`` and ``stroke_size``; ``StylizeOptions`` says
                what they are.

        Raises:
            UsageError: if an option is out of range, or ``image`` is none of these.
            FaststError: if the file cannot be read, or memory runs out.
        """
        chosen = StylizeOptions(**options)
        if isinstance(image, Tensor) and chosen.stroke_size == 1:
            _check_tensor(image)
            photo = image if chosen.size is None else to_tensor(fit(to_image(image), chosen.size)).to(image)
            return _blend(self.stylize(photo), photo, chosen)
        picture = self.stylize_picture(_as_picture(image), options=chosen)
        if isinstance(image, Tensor):
            return to_tensor(picture.rgb).to(image)
        return np.array(picture.rgb) if isinstance(image, np.ndarray) else with_alpha(picture)

    def stylize_picture(
        self,
        picture: Picture,
        *,
        options: StylizeOptions = DEFAULT_OPTIONS,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> Picture:
        """Stylize a picture, keeping its transparency and metadata.

        Raises:
            UsageError: if the size makes too large a picture, or the memory is too little for any tile.
            FaststError: if memory runs out.
        """
        photo = MemoryCanvas(fit(picture.rgb, options.size))
        painted = photo.blank(photo.height, photo.width)
        self.stylize_canvas(photo, painted, options=options, on_progress=on_progress)
        alpha = None if picture.alpha is None else fit(picture.alpha, options.size)
        return Picture(rgb=painted.image, alpha=alpha, info=picture.info)

    def stylize_canvas(
        self,
        photo: Canvas,
        painted: Canvas,
        *,
        options: StylizeOptions = DEFAULT_OPTIONS,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        """Stylize one canvas onto another of the same size, in tiles where memory asks for them.

        Args:
            photo: the content image.
            painted: where the result goes.
            options: all but the size, which is that of the canvases.
            on_progress: called with the share of the work that is done.

        Raises:
            UsageError: if the memory is too little for any tile.
            FaststError: if memory runs out, or the network cannot work in tiles.
        """

        def put(tile: Tile, content: Tensor, stylized: Tensor) -> None:
            blended = _blend(stylized.clamp(0, 1), content, options)
            painted.write(*tile.inner, np.asarray(to_image(blended[0])))

        with name_shortage(self.device, photo.width, photo.height):
            self.tiler.paint(photo, put, stroke_size=options.stroke_size, on_progress=on_progress)

    def frame(self, frame: NDArray[np.uint8], colors: Colors | None = None) -> NDArray[np.uint8]:
        """Stylize one video frame as fast as can be; for options, call the stylizer itself.

        A frame that would take more memory than it may is worked in tiles, by torch, which takes longer.

        Args:
            frame: (H, W, 3), RGB, uint8.
            colors: those of the video, by which the frame is recolored; None: the frame's own.

        Returns:
            The same shape, an array of its own.

        Raises:
            UsageError: if it is no such array, or the memory is too little for any tile.
            FaststError: if memory runs out.
        """
        _check_array(frame)
        height, width = frame.shape[:2]
        if min(height, width) < MIN_SIDE:
            return self(frame)
        with name_shortage(self.device, width, height):
            if self.tiler.takes_whole(width, height, held=frame_bytes(width, height)):
                return self.engine.frame(frame, colors)
            return self._frame_in_tiles(frame, colors or frame_colors(frame))

    def _frame_in_tiles(self, frame: NDArray[np.uint8], colors: Colors) -> NDArray[np.uint8]:
        photo = FrameCanvas(frame)
        painted = photo.blank(photo.height, photo.width)

        def put(tile: Tile, _content: Tensor, stylized: Tensor) -> None:
            painted.write(*tile.inner, np.asarray(to_image(stylized[0])))

        self.tiler.paint(photo, put, colors=colors)
        return painted.pixels

    def check_frames(self, width: int, height: int) -> None:
        """Refuse frames of a video for which there is no memory, not even in tiles.

        Raises:
            UsageError: saying how much is missing.
        """
        self.tiler.check_room(width, height, held=frame_bytes(width, height))

    def stylize(self, image: Tensor) -> Tensor:
        """Run the network on a picture of any size.

        Args:
            image: (N, 3, H, W) or (3, H, W), float RGB in [0, 1], on any device.

        Returns:
            The same shape, dtype and device, clamped to [0, 1].

        Raises:
            FaststError: if memory runs out.
        """
        batch = image if image.dim() == 4 else image.unsqueeze(0)
        height, width = image.shape[-2:]
        with name_shortage(self.device, width, height):
            stylized = self._run(batch.to(self.device, torch.float32))
        return stylized.view(image.shape).clamp(0, 1).to(image)

    def _run(self, batch: Tensor) -> Tensor:
        if self._last_shape not in (None, batch.shape):
            give_back_freed_memory()
        self._last_shape = batch.shape
        height, width = batch.shape[-2:]
        left, right = _margins(width)
        top, bottom = _margins(height)
        with torch.inference_mode():
            stylized = self.engine(F.pad(batch, (left, right, top, bottom), mode="replicate"))
        return stylized[..., top : top + height, left : left + width].contiguous()


def pick_device(engine: str = "torch") -> torch.device:
    """The fastest device here: CUDA, then MPS, else the CPU; or the only one that the engine knows.

    Raises:
        UsageError: if there is no such engine.
    """
    if engine != AUTO and engine_kind(engine).cpu_only:
        return torch.device("cpu")
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _blend(stylized: Tensor, photo: Tensor, options: StylizeOptions) -> Tensor:
    if options.keep_colors:
        stylized = colors.keep_colors(stylized, photo)
    return torch.lerp(photo, stylized, options.strength)


def _checked_device(device: str | torch.device) -> torch.device:
    try:
        torch.zeros(1, device=device).cpu()  # the meta device has no values to give
        return torch.device(device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(f"device {str(device)!r} is not available here; {pick_device()} is") from error


def _as_picture(image: StrPath | Image.Image | NDArray[np.uint8] | Tensor) -> Picture:
    if isinstance(image, Tensor):
        _check_tensor(image)
        return Picture(rgb=to_image(image))
    if isinstance(image, Image.Image):
        return Picture.of(image)
    if isinstance(image, np.ndarray):
        _check_array(image)
        return Picture(rgb=Image.fromarray(image))
    return read_picture(image)


def _check_array(image: NDArray[np.uint8]) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.size == 0:
        raise UsageError(f"the array is {image.dtype} {image.shape}; give uint8 (H, W, 3), RGB")


def _check_tensor(image: Tensor) -> None:
    if not image.is_floating_point() or image.dim() != 3 or image.shape[0] != 3 or image.numel() == 0:
        raise UsageError(
            f"the tensor is {image.dtype} {tuple(image.shape)}; give float (3, H, W), RGB in [0, 1]"
        )


def _margins(side: int) -> tuple[int, int]:
    missing = max(0, MIN_SIDE - side)
    return missing // 2, missing - missing // 2
