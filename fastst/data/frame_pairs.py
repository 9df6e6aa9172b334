"""Second frames for single pictures: what a camera would show of them a moment later."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.data.motion import move, random_motion

_STILL_SHARE = 0.25
_LARGEST_NOISE = 0.03
_LARGEST_EXPOSURE = 0.06


def random_motions(count: int, *, generator: torch.Generator) -> list[Tensor]:
    """Draw motions as ``random_motion`` does, but for a quarter of them none, as on a tripod.

    Returns:
        ``count`` homographies, (3, 3).
    """
    still = torch.rand(count, generator=generator) < _STILL_SHARE
    drawn = [random_motion(generator) for _ in range(count)]
    return [
        torch.eye(3, dtype=motion.dtype) if stands else motion
        for motion, stands in zip(drawn, still, strict=True)
    ]


def move_each(frames: Tensor, motions: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Move each frame by its motion; see ``move``.

    Args:
        frames: (N, 3, H, W), RGB in [0, 1].
        motions: N of them, (3, 3).

    Returns:
        The moved frames, (N, 3, H, W), RGB in [0, 1], and what of them was in view before, (N, 1, H, W),
        1 or 0.
    """
    pairs = [move(frame, motion) for frame, motion in zip(frames.split(1), motions, strict=True)]
    return torch.cat([moved for moved, _ in pairs]).clamp(0, 1), torch.cat([seen for _, seen in pairs])


def filmed_again(
    frames: Tensor, *, generator: torch.Generator, first: int = 0, total: int | None = None
) -> Tensor:
    """Return frames (N, 3, H, W), RGB in [0, 1], with the noise, blur and exposure of another moment.

    Noise of up to 0.03 standard deviation, a little blur, and a brightness changed by up to 6 %: what
    makes the frames of a video differ where nothing moves. The draws come from ``generator``, on the CPU;
    they are made for ``total`` frames, of which these are those from ``first`` on.
    """
    total = len(frames) if total is None else total
    own = slice(first, first + len(frames))
    draws = torch.rand(3, total, 1, 1, 1, generator=generator)[:, own]
    noise = torch.randn((total, *frames.shape[1:]), generator=generator)[own]
    noise_level, blur, exposure = draws.to(frames.device).unbind(dim=0)
    padded = F.pad(frames, (1, 1, 1, 1), mode="replicate")
    blurred = torch.lerp(frames, F.avg_pool2d(padded, 3, stride=1), 0.5 * blur)
    exposed = blurred * (1 + _LARGEST_EXPOSURE * (2 * exposure - 1))
    return (exposed + _LARGEST_NOISE * noise_level * noise.to(frames.device)).clamp(0, 1)
