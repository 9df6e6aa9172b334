"""Pairs of frames from single pictures: a motion that is known exactly, and what a camera adds to it."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

_STILL_SHARE = 0.25
_LARGEST_SHIFT = 0.04
_LARGEST_ZOOM = 0.04
_LARGEST_TURN = 0.04
_LARGEST_PERSPECTIVE = 0.03
_LARGEST_NOISE = 0.03
_LARGEST_EXPOSURE = 0.06


@dataclass(frozen=True)
class Motion:
    """Where each pixel of a second frame comes from in the first.

    Attributes:
        sources: (N, H, W, 2), x and y in the first frame, -1 to 1 from border to border.
    """

    sources: Tensor

    @property
    def seen(self) -> Tensor:
        """1 where the first frame shows what the second does, else 0, (N, 1, H, W)."""
        return (self.sources.abs().amax(dim=-1) <= 1).float().unsqueeze(1)

    def to(self, device: torch.device) -> "Motion":
        """Return the same on another device."""
        return Motion(self.sources.to(device))

    def move(self, frames: Tensor) -> Tensor:
        """Return frames (N, C, H, W) as they are after the motion; mirrored where they were not seen."""
        return F.grid_sample(frames, self.sources, padding_mode="reflection", align_corners=False)


def random_motion(frames: int, height: int, width: int, *, generator: torch.Generator) -> Motion:
    """Draw a motion for each frame: shift, zoom, turn and perspective; for a quarter of them, none.

    Shifts are up to 4 % of the side, zooms up to 4 %, turns up to 0.04 rad, and perspective changes the scale
    by up to 3 % from one border to the other: a second of a hand-held camera in a few frames.

    Args:
        frames: how many.
        height: of a frame, in pixels.
        width: of a frame, in pixels.
        generator: a CPU generator, so that the draws are the same on every device.
    """
    draws = 2 * torch.rand(frames, 6, generator=generator) - 1
    moves = (torch.rand(frames, 1, generator=generator) >= _STILL_SHARE).float()
    zoom, turn, right, down, tilt, pan = (draws * moves).unbind(dim=1)
    scale, angle, aspect = 1 + _LARGEST_ZOOM * zoom, _LARGEST_TURN * turn, height / width
    cosine, sine = scale * torch.cos(angle), scale * torch.sin(angle)
    rows = [
        torch.stack([cosine, -sine * aspect, 2 * _LARGEST_SHIFT * right], dim=1),
        torch.stack([sine / aspect, cosine, 2 * _LARGEST_SHIFT * down], dim=1),
        torch.stack([_LARGEST_PERSPECTIVE * tilt, _LARGEST_PERSPECTIVE * pan, torch.ones(frames)], dim=1),
    ]
    y, x = torch.meshgrid(_centres(height), _centres(width), indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], dim=-1)
    across, along, depth = torch.einsum("nij,hwj->nihw", torch.stack(rows, dim=1), points).unbind(dim=1)
    return Motion(torch.stack([across / depth, along / depth], dim=-1))


def filmed_again(frames: Tensor, *, generator: torch.Generator) -> Tensor:
    """Return frames (N, 3, H, W), RGB in [0, 1], with the noise, blur and exposure of another moment.

    Noise of up to 0.03 standard deviation, a little blur, and a brightness changed by up to 6 %: what
    makes the frames of a film differ where nothing moves. The draws come from ``generator``, on the CPU.
    """
    draws = torch.rand(3, len(frames), 1, 1, 1, generator=generator)
    noise = torch.randn(frames.shape, generator=generator)
    noise_level, blur, exposure = draws.to(frames.device).unbind(dim=0)
    padded = F.pad(frames, (1, 1, 1, 1), mode="replicate")
    blurred = torch.lerp(frames, F.avg_pool2d(padded, 3, stride=1), 0.5 * blur)
    exposed = blurred * (1 + _LARGEST_EXPOSURE * (2 * exposure - 1))
    return (exposed + _LARGEST_NOISE * noise_level * noise.to(frames.device)).clamp(0, 1)


def _centres(side: int) -> Tensor:
    return (2 * torch.arange(side, dtype=torch.float32) + 1) / side - 1
