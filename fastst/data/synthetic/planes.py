"""One plane of a synthetic scene: leaves are drawn as labels, then labels are filled with materials."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from fastst.data.synthetic.arrangements import Arrangement
from fastst.data.synthetic.leaves import outlines
from fastst.data.synthetic.textures import creased, pink_noise_pair, relief, shades_of, stripes

Floats = NDArray[np.float32]
Labels = NDArray[np.uint8]

SUPERSAMPLING = 2
MOST_LABELS = 255


@dataclass(frozen=True)
class Materials:
    """What fills each label; label 0 is nothing, and what lies below shows there.

    color (N, 3); shift (N, 3): change of color along the gradient; gradient (N, 4): weights of 1, x, y and
    x**2 + y**2, for x and y in [-1, 1]; surface (N, 5): cover, 0 or 1, and the strengths of four textures.
    """

    color: Floats
    shift: Floats
    gradient: Floats
    surface: Floats


def add_plane(rng: np.random.Generator, picture: Floats, palette: Floats, leaves: Arrangement) -> Floats:
    """Lay leaves over the picture (H, H, 3), with a soft shadow under them now and then."""
    size = len(picture)
    cloudy, veined = pink_noise_pair(rng, size=size, slope=float(rng.uniform(0.6, 1.5)))
    labels = _drawn(rng, leaves, size=size)
    if rng.random() < 0.4:
        labels = _frayed(rng, labels, size=size)
    materials = _materials(rng, palette, leaves, size=size)
    surface, color = _filled(labels, materials)
    color *= _texture_light(rng, surface[..., 1:], cloudy, veined)[..., None]
    cover = surface[..., 0]
    if rng.random() < 0.4:
        picture = picture * _shadow(rng, cover)[..., None]
    return picture + cover[..., None] * (color - picture)


def _drawn(rng: np.random.Generator, leaves: Arrangement, *, size: int) -> Labels:
    """Labels of the supersampled plane, (SUPERSAMPLING * size, SUPERSAMPLING * size)."""
    canvas = Image.new("L", (size * SUPERSAMPLING, size * SUPERSAMPLING))
    pen = ImageDraw.Draw(canvas)
    drawn = outlines(
        rng,
        families=leaves.families,
        centers=leaves.centers * SUPERSAMPLING,
        radii=leaves.radii * SUPERSAMPLING,
        angles=leaves.angles,
    )
    fills = np.minimum(leaves.materials + 1, MOST_LABELS).tolist()
    for outline, fill in zip(drawn, fills, strict=True):
        pen.polygon(outline, fill=fill)
    return np.asarray(canvas)


def _frayed(rng: np.random.Generator, labels: Labels, *, size: int) -> Labels:
    """Displace labels by noise, which roughens and bends outlines as matter does."""
    reach = SUPERSAMPLING * float(rng.exponential(0.02) * size)
    shifts = pink_noise_pair(rng, size=size, slope=float(rng.uniform(1.4, 2.0)))
    axis = np.arange(len(labels), dtype=np.int32)
    right, down = ((shift * reach).astype(np.int32).repeat(SUPERSAMPLING, 0) for shift in shifts)
    rows = axis[:, None] + down.repeat(SUPERSAMPLING, 1)
    columns = axis[None, :] + right.repeat(SUPERSAMPLING, 1)
    edge = len(labels) - 1
    np.clip(rows, 0, edge, out=rows)
    np.clip(columns, 0, edge, out=columns)
    return labels.ravel().take(rows * len(labels) + columns)


def _materials(rng: np.random.Generator, palette: Floats, leaves: Arrangement, *, size: int) -> Materials:
    """Materials of labels 0 (nothing) to N, each with its gradient centerd on the first leaf made of it."""
    count = len(leaves.parents) + 1
    first = np.zeros(count, np.intp)
    first[leaves.materials[::-1] + 1] = np.arange(len(leaves.materials))[::-1]
    center = leaves.centers[first] * (2 / size) - 1
    reach = np.maximum(leaves.radii[first], 2) * (2 / size)
    angle = rng.uniform(0, 2 * np.pi, count)
    slope = np.stack([np.cos(angle), np.sin(angle)], -1) / reach[:, None]
    radial = (rng.random(count) < 0.35) / reach**2
    constant = -(slope * center).sum(-1) + radial * np.square(center).sum(-1)
    linear = slope - 2 * radial[:, None] * center
    gradient = np.concatenate([constant[:, None], linear, radial[:, None]], -1)
    base = palette[rng.integers(0, len(palette), count)][leaves.parents]
    color = np.concatenate([np.zeros((1, 3)), shades_of(rng, base, spread=leaves.spreads[:, None])])
    shading = rng.normal(0, 0.25, (count, 1)) * (rng.random((count, 1)) < 0.75)
    shift = color * shading + rng.normal(0, 0.03, (count, 3)) * (shading != 0)
    surface = np.ones((count, 5))
    surface[:, 1:] = np.abs(rng.standard_normal((count, 4))) * (
        rng.random((count, 4)) < [0.8, 0.25, 0.3, 0.05]
    )
    surface[:, 1:] *= [0.22, 0.2, 0.16, 0.3]
    surface[0] = 0
    return Materials(*(np.asarray(part, np.float32) for part in (color, shift, gradient, surface)))


def _filled(labels: Labels, materials: Materials) -> tuple[Floats, Floats]:
    """Fill supersampled labels: surface (H, H, 5) and color (H, H, 3).

    Only pixels on an edge are averaged over their samples: elsewhere all samples agree.
    """
    size = len(labels) // SUPERSAMPLING
    samples = (
        labels.reshape(size, SUPERSAMPLING, size, SUPERSAMPLING).transpose(1, 3, 0, 2).reshape(-1, size, size)
    )
    nearest = samples[0].astype(np.intp)
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    color = _colors(nearest, axis[None, :], axis[:, None], materials)
    surface = materials.surface.take(nearest, 0)
    rows, columns = np.nonzero((samples[1:] != samples[0]).any(0))
    around = samples[:, rows, columns].astype(np.intp)
    surfaces = materials.surface.take(around, 0)
    covers = surfaces[..., :1]
    surface[rows, columns] = surfaces.mean(0)
    mixed = (_colors(around, axis[columns], axis[rows], materials) * covers).sum(0)
    color[rows, columns] = mixed / np.maximum(covers.sum(0), 1)
    return surface, color


def _colors(labels: NDArray[np.intp], xs: Floats, ys: Floats, materials: Materials) -> Floats:
    constant, right, down, square = (weights.take(labels) for weights in materials.gradient.T.copy())
    along = constant + right * xs + down * ys + square * (xs * xs + ys * ys)
    along /= 1 + np.abs(along)
    return materials.color.take(labels, 0) + along[..., None] * materials.shift.take(labels, 0)


def _texture_light(rng: np.random.Generator, strengths: Floats, cloudy: Floats, veined: Floats) -> Floats:
    """Light (H, H) of textures: cloudy, veined, in relief, and striped, each where its strength says."""
    size = len(strengths)
    light = strengths[..., 0] * cloudy + strengths[..., 1] * creased(veined)
    light += strengths[..., 2] * relief(veined, angle=float(rng.uniform(0, 2 * np.pi)))
    if rng.random() < 0.5:
        axis = np.arange(size, dtype=np.float32)
        light += strengths[..., 3] * stripes(
            axis[None, :],
            axis[:, None],
            angle=float(rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])),
            period=float(np.exp(rng.uniform(np.log(3), np.log(size / 6)))),
            sharpness=float(rng.uniform(0, 3)),
        )
    return np.exp(np.clip(light, -2, 1, out=light), out=light)


def _shadow(rng: np.random.Generator, cover: Floats) -> Floats:
    """How much light (H, H) the leaves leave below them: their cover, shifted and blurred."""
    depth = len(cover) * rng.uniform(0.01, 0.05)
    mask = Image.fromarray(np.asarray(cover * 255, np.uint8)).filter(ImageFilter.GaussianBlur(depth / 2))
    moved = np.roll(
        np.asarray(mask, np.float32), np.rint(rng.normal(0.5, 0.5, 2) * depth).astype(int), (0, 1)
    )
    return 1 - moved * np.float32(rng.uniform(0.2, 0.7) / 255)
