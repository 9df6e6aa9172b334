"""Content images made from nothing: occluding, shaded, textured shapes with the statistics of photos."""

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastst.data.synthetic.arrangements import foreground, scenery
from fastst.data.synthetic.planes import add_plane
from fastst.data.synthetic.textures import expose, pink_noise_pair, scene_palette, shades_of

Floats = NDArray[np.float32]


class SyntheticImages(torch.utils.data.Dataset[torch.Tensor]):
    """Endless variety without a photo: image `index` is a pure function of (seed, index, size).

    Each item is a tensor (3, size, size), float32, RGB in [0, 1].
    """

    def __init__(self, *, size: int, seed: int, length: int) -> None:
        self.size = size
        self.seed = seed
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> torch.Tensor:
        if not 0 <= index < self.length:
            raise IndexError(index)
        picture = synthetic_picture(np.random.default_rng([self.seed, index]), size=self.size)
        return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))


def synthetic_picture(rng: np.random.Generator, *, size: int) -> Floats:
    """One picture (size, size, 3), float32, RGB in [0, 1]: a backdrop, far leaves, perhaps near ones."""
    palette = scene_palette(rng, count=int(rng.integers(3, 8)))
    busy = float(np.exp(rng.normal(0, 0.6)))
    picture = _backdrop(rng, palette, size=size)
    picture = add_plane(rng, picture, palette, scenery(rng, size=size, busy=busy))
    if rng.random() < 0.35:
        if rng.random() < 0.5:
            picture = _out_of_focus(picture, radius=float(size * rng.uniform(0.004, 0.025)))
        picture = add_plane(rng, picture, palette, foreground(rng, size=size))
    return _developed(rng, picture)


def _backdrop(rng: np.random.Generator, palette: Floats, *, size: int) -> Floats:
    """A smooth sky or wall that turns from one color to another, in a straight line or in clouds."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    first, second = shades_of(rng, palette[rng.integers(0, len(palette), 2)], spread=0.2)
    angle = rng.normal(np.pi / 2, 0.5)
    along = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None] + rng.normal(0, 0.5)
    if rng.random() < 0.4:
        along = along + rng.uniform(0.1, 1) * pink_noise_pair(rng, size=size, slope=rng.uniform(1.4, 2))[0]
    blend = 1 / (1 + np.exp(np.asarray(-along * np.exp(rng.normal(0.5, 0.8)), np.float32)))
    return first + blend[..., None] * (second - first)


def _out_of_focus(picture: Floats, *, radius: float) -> Floats:
    image = Image.fromarray(np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32) * np.float32(1 / 255)


def _developed(rng: np.random.Generator, picture: Floats) -> Floats:
    """Expose the scene as a camera would: brightness, contrast, focus, grain."""
    mean = float(np.clip(rng.normal(0.44, 0.18), 0.08, 0.9))
    contrast = float(np.clip(rng.normal(0.25, 0.075), 0.05, 0.4))
    picture = expose(picture, mean=mean, contrast=contrast)
    if rng.random() < 0.5:
        picture = _out_of_focus(picture, radius=float(rng.uniform(0.3, 0.6)))
    grain = float(rng.exponential(0.006))
    size = len(picture)
    noise = rng.standard_normal((size, size, 1), np.float32)
    return np.clip(picture + np.float32(grain) * noise, np.float32(0), np.float32(1))
