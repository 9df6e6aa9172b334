"""What every engine is: a network made ready to run, behind one small interface."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from fastst.networks.recolor import Colors, Recolor, color_statistics


class Engine(ABC):
    """A network made ready to run on one device, from any number of threads.

    Attributes:
        device: where it runs, and where its pictures have to be.
        layout: the memory layout it takes without a copy.
        recolor: moves pictures to the painting's colors before they are run; None: the network takes them
            as they are.
    """

    device: torch.device
    layout: torch.memory_format = torch.contiguous_format
    recolor: Recolor | None = None

    @abstractmethod
    def run(self, batch: Tensor) -> Tensor:
        """Run the network on a batch.

        Args:
            batch: (N, 3, H, W), RGB in [0, 1], recolored, float32, on the engine's device, in any layout.

        Returns:
            The same shape, dtype and device, a tensor of its own.
        """

    def __call__(self, batch: Tensor) -> Tensor:
        """Stylize a batch, each picture by its own colors, into a tensor of its own; see ``run``."""
        with torch.inference_mode():
            return self.run(batch if self.recolor is None else self.recolor(batch))

    def frame(self, frame: NDArray[np.uint8], colors: Colors | None = None) -> NDArray[np.uint8]:
        """Stylize one picture, (H, W, 3), RGB, uint8, as fast as can be: the hot loop of video.

        The conversions are some passes over one frame: 1 to 2 ms of one core at 640 x 480. ``colors`` are
        those to recolor by, such as a video's, which change slowly; None: the frame's own.
        """
        pixels = torch.from_numpy(_plain(frame)).to(self.device)
        with torch.inference_mode():
            # Rows of RGB pixels are the channels-last layout; changing it is cheapest while they are bytes.
            batch = pixels.permute(2, 0, 1)[None].contiguous(memory_format=self.layout)
            image = batch.float().div_(255)
            if self.recolor is not None:
                image = self.recolor.with_statistics(image, *(colors or frame_colors(frame)))
            stylized = self.run(image)
            planes = stylized[0].mul_(255).round_().clamp_(0, 255).to(torch.uint8)
            pixels = planes.permute(1, 2, 0)
            if not pixels.is_contiguous():
                pixels = torch.stack(planes.unbind(), dim=-1)  # half the time of contiguous()
            return pixels.cpu().numpy()


def frame_colors(frame: NDArray[np.uint8]) -> Colors:
    """Return the colors of a frame, (H, W, 3), RGB, uint8, by one pixel in 16, in a fraction of a ms."""
    pixels = torch.from_numpy(np.ascontiguousarray(frame[::4, ::4]))
    # Planes are a third of the time of pixels, and turned cheapest while they are bytes.
    return color_statistics(pixels.permute(2, 0, 1)[None].contiguous().float().div_(255))


def _plain(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # torch takes neither negative strides, such as those of BGR turned to RGB, nor read-only memory.
    frame = np.ascontiguousarray(frame)
    return frame if frame.flags.writeable else frame.copy()
