"""Known motion for still pictures: the true flow and what it hides are exact, and no video is needed."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class MotionRange:
    """How far motions go; each is drawn evenly from minus to plus its bound.

    Attributes:
        shift: of the picture's short side.
        zoom: of its scale, such as 0.04 for 4 % either way.
        degrees: of rotation.
        perspective: how much the scale changes from the middle to the border.
    """

    shift: float = 0.03
    zoom: float = 0.04
    degrees: float = 2.0
    perspective: float = 0.01


def random_motion(generator: torch.Generator, reach: MotionRange | None = None) -> Tensor:
    """Draw a motion: shift, zoom, rotation and mild perspective.

    Returns:
        (3, 3), the homography from a point of the moved picture to the point it shows, in coordinates
        that are 0 in the middle and 1 half a short side away from it.
    """
    reach = reach or MotionRange()
    draws = (2 * torch.rand(6, generator=generator, dtype=torch.float64) - 1).tolist()
    across, down, zoom, turn, lean, nod = draws
    angle, scale = math.radians(reach.degrees * turn), 1 + reach.zoom * zoom
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    return torch.tensor(
        [
            [cosine, -sine, 2 * reach.shift * across],
            [sine, cosine, 2 * reach.shift * down],
            [reach.perspective * lean, reach.perspective * nod, 1.0],
        ],
        dtype=torch.float64,
    )


def move(picture: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
    """Move a picture. Differentiable.

    Args:
        picture: (N, C, H, W).
        motion: (3, 3), as from ``random_motion``.

    Returns:
        The moved picture (N, C, H, W), bicubic, and where it shows a point of the picture rather than of
        its repeated border, (1, 1, H, W), 1 or 0.
    """
    grid = _sampling_grid(motion, *picture.shape[-2:]).to(picture)
    seen = (grid.abs() <= 1).all(dim=-1)[:, None]
    moved = F.grid_sample(
        picture,
        grid.expand(len(picture), -1, -1, -1),
        mode="bicubic",
        padding_mode="border",
        align_corners=False,
    )
    return moved, seen.to(picture)


def _sampling_grid(motion: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel's point comes from, (1, H, W, 2), in ``grid_sample``'s coordinates."""
    half = min(height, width) / 2
    rows = (torch.arange(height, dtype=torch.float64) + 0.5 - height / 2) / half
    columns = (torch.arange(width, dtype=torch.float64) + 0.5 - width / 2) / half
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    points = torch.stack((x, y, torch.ones_like(x)), dim=-1) @ motion.T
    places = points[..., :2] / points[..., 2:]
    return (places * torch.tensor([2 * half / width, 2 * half / height], dtype=torch.float64))[None]
