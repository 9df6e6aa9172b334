"""Where the leaves of a synthetic scene lie: terrain, objects with parts, foliage, lattices, sheaves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastst.data.synthetic.leaves import (
    ELLIPSE,
    POLYGON,
    RECTANGLE,
    STROKE_FAMILY,
    Floats,
    Integers,
    orientations,
    power_law_radii,
)


@dataclass(frozen=True)
class Arrangement:
    """Leaves drawn one over another; pixels and radians.

    families (N,), centers (N, 2), radii (N,), angles (N,); materials (N,): the material of each leaf, from 0;
    parents (M,): for each material, a number that those of like color share; spreads (M,): how much each
    material differs in brightness from that color.
    """

    families: Integers
    centers: Floats
    radii: Floats
    angles: Floats
    materials: Integers
    parents: Integers
    spreads: Floats


def _kinds(rng: np.random.Generator, count: int, weights: Sequence[float]) -> Integers:
    return np.searchsorted(np.cumsum(weights), rng.random(count) * sum(weights)).astype(np.intp)


def _of_one_color(materials: Integers, spread: float) -> tuple[Integers, Integers, Floats]:
    kinds = int(materials.max()) + 1
    return materials, np.zeros(kinds, np.intp), np.full(kinds, spread)


def terrain(rng: np.random.Generator, *, size: int) -> Arrangement:
    """A few leaves as large as the scene that leave its top free: ground, hills, walls."""
    count = int(rng.integers(1, 6))
    radii = size * rng.uniform(0.35, 0.9, count)
    horizon = np.sort(rng.uniform(0.0, 1.0, count)) * size
    centers = np.stack([rng.uniform(-0.2, 1.2, count) * size, horizon + 0.8 * radii], -1)
    families = _kinds(rng, count, [0.5, 2, 1, 1.5, 0])
    angles = 0.15 * rng.standard_normal(count)
    own = np.arange(count)
    return Arrangement(families, centers, radii, angles, own, own, np.full(count, 0.4))


def scattered(rng: np.random.Generator, *, size: int, count: int) -> Arrangement:
    """Leaves of all sizes anywhere, each of a material of its own, the large mostly under the small."""
    radii = power_law_radii(rng, count=count, smallest=0.03 * size, largest=0.5 * size)
    radii = radii[np.argsort(-radii * np.exp(0.6 * rng.standard_normal(count)))]
    angles = orientations(rng, count=count, upright=float(rng.choice([0.2, 0.9])))
    centers = rng.uniform(-0.05 * size, 1.05 * size, (count, 2))
    families = _kinds(rng, count, [0.8, 1.3, 1, 1.3, 0.6])
    own = np.arange(count)
    return Arrangement(families, centers, radii, angles, own, own, np.full(count, 0.5))


def thing(rng: np.random.Generator, *, size: int) -> Arrangement:
    """A body with smaller parts, mirrored about its axis, some with a pupil or hub: faces, cars, clocks."""
    reach, middle = size * rng.uniform(0.1, 0.45), rng.uniform(0.1, 0.9, 2) * size
    tilt = 0.3 * rng.standard_normal()
    pairs = int(rng.integers(2, 9))
    places = rng.uniform(-0.8, 0.8, (pairs, 2)) * rng.choice([0.0, 1.0], (pairs, 2), p=[0.25, 0.75])
    sizes = reach * power_law_radii(rng, count=pairs, smallest=0.08, largest=0.5)
    order = np.argsort(-sizes)
    places, sizes = places[order], sizes[order]
    kinds = _kinds(rng, pairs, [2, 1.2, 0.8, 0.7, 0.5])
    shades = rng.integers(1, 7, pairs)
    offsets = np.concatenate([[[0, 0]], places, places * [-1, 1], places, places * [-1, 1]]) * reach
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    centers = middle + offsets @ turn
    hubs = sizes * rng.uniform(0.3, 0.7, pairs) * (rng.random(pairs) < 0.6)
    radii = np.concatenate([[reach], sizes, sizes, hubs, hubs])
    lean = rng.normal(0, 0.3, pairs)
    angles = np.concatenate([[rng.uniform(0, np.pi)], lean, -lean, lean, -lean]) + tilt
    families = np.concatenate([_kinds(rng, 1, [1, 1, 0.7, 2, 0]), kinds, kinds, kinds, kinds])
    materials = np.concatenate([[0], shades, shades, (shades + 2) % 7, (shades + 2) % 7])
    parents = np.array([0, 0, 0, 1, 1, 2, 3])
    return Arrangement(families, centers, radii, angles, materials, parents, np.full(7, 0.6))


def foliage(rng: np.random.Generator, *, size: int) -> Arrangement:
    """A cloud of small leaves that share six materials."""
    count = int(rng.integers(20, 110))
    extent = size * rng.uniform(0.05, 0.35) * np.exp(0.5 * rng.standard_normal(2))
    centers = rng.uniform(0, size, 2) + extent * rng.standard_normal((count, 2))
    radii = power_law_radii(rng, count=count, smallest=1.0, largest=float(rng.uniform(0.02, 0.08) * size))
    angles = orientations(rng, count=count, upright=0.1)
    families = _kinds(rng, count, [1, 0.3, 1, 1, 0.5])
    materials, parents, spreads = _of_one_color(rng.integers(0, 6, count), rng.uniform(0.3, 0.8))
    return Arrangement(families, centers, radii, angles, materials, parents, spreads)


def lattice(rng: np.random.Generator, *, size: int) -> Arrangement:
    """Rows of like shapes at even steps on a panel, tilted or receding: windows, tiles, letters, fences."""
    columns, rows = int(rng.integers(2, 11)), int(rng.integers(1, 8))
    step = size * rng.uniform(0.04, 0.14) * np.exp(0.25 * rng.standard_normal(2))
    across, down = np.meshgrid(np.arange(columns) - columns / 2 + 0.5, np.arange(rows) - rows / 2 + 0.5)
    offsets = np.stack([across.ravel(), down.ravel()], -1) * step
    offsets /= 1.2 + offsets @ rng.normal(0, 0.3, (2, 1)) / size
    tilt = float(rng.choice([0.0, rng.normal(0, 0.3)]))
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    count = len(offsets)
    radii = step.min() * rng.uniform(0.25, 0.55) * rng.choice([1.0, 0.8], count, p=[0.8, 0.2])
    alike = rng.choice([RECTANGLE, ELLIPSE, POLYGON, STROKE_FAMILY], p=[0.6, 0.15, 0.1, 0.15])
    letters = _kinds(rng, count, [0.7, 1, 0.8, 0, 1])
    families = np.where(rng.random() < 0.3, letters, alike)
    angles = np.full(count, tilt) + (rng.random(count) < 0.3) * (np.pi / 2)
    middle = rng.uniform(0, size, 2)
    centers = np.concatenate([middle[None], middle + offsets @ turn])
    radii = np.concatenate([[float(np.abs(offsets).max() * rng.choice([0.0, 1.2]))], radii])
    families = np.concatenate([[RECTANGLE], families]).astype(np.intp)
    materials = np.concatenate([[0], rng.choice(3, count, p=[0.7, 0.2, 0.1]) + 1])
    angles = np.concatenate([[tilt], angles])
    return Arrangement(families, centers, radii, angles, materials, np.array([0, 1, 1, 2]), np.full(4, 0.5))


def sheaf(rng: np.random.Generator, *, size: int) -> Arrangement:
    """Strokes that run almost the same way: grass, hair, twigs, wires."""
    count = int(rng.integers(3, 36))
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    extent = size * rng.uniform(0.05, 0.3, 2)
    centers = rng.uniform(0, size, 2) + extent * rng.standard_normal((count, 2))
    angles = angle + rng.uniform(0.02, 0.5) * rng.standard_normal(count)
    radii = size * rng.uniform(0.03, 0.25) * np.exp(0.4 * rng.standard_normal(count))
    materials, parents, spreads = _of_one_color(rng.integers(0, 4, count), rng.uniform(0.3, 0.7))
    families = np.full(count, STROKE_FAMILY)
    return Arrangement(families, centers, radii, angles, materials, parents, spreads)


def scenery(rng: np.random.Generator, *, size: int, busy: float) -> Arrangement:
    """All the leaves of a far plane; busy is about 1, and how full it is grows with it."""
    groups = [scattered(rng, size=size, count=4 + int(14 * busy))]
    makers = (thing, foliage, lattice, sheaf)
    for maker, rate in zip(makers, (2.6, 0.9, 0.8, 0.6), strict=True):
        groups += [maker(rng, size=size) for _ in range(min(rng.poisson(rate * busy), 6))]
    ordered = [groups[place] for place in rng.permutation(len(groups))]
    return together([terrain(rng, size=size), *ordered])


def foreground(rng: np.random.Generator, *, size: int) -> Arrangement:
    """The few leaves of a near plane."""
    maker = (thing, thing, foliage, sheaf)[rng.integers(0, 4)]
    return together([scattered(rng, size=size, count=int(rng.integers(1, 4))), maker(rng, size=size)])


def together(groups: Sequence[Arrangement]) -> Arrangement:
    """Draw the groups one after another, each in its own materials and colors."""
    shifts = np.cumsum([0, *(len(group.parents) for group in groups)])
    return Arrangement(
        families=np.concatenate([group.families for group in groups]),
        centers=np.concatenate([group.centers for group in groups]),
        radii=np.concatenate([group.radii for group in groups]),
        angles=np.concatenate([group.angles for group in groups]),
        materials=np.concatenate(
            [group.materials + shift for group, shift in zip(groups, shifts, strict=False)]
        ),
        parents=np.concatenate([group.parents + shift for group, shift in zip(groups, shifts, strict=False)]),
        spreads=np.concatenate([group.spreads for group in groups]),
    )
