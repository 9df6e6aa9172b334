"""Outlines of the shapes that cover one another in a synthetic scene (a dead-leaves model)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

CORNERS = 5
ELLIPSE_TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
BLOB_TURN = np.linspace(0, 2 * np.pi, 32, endpoint=False)
BLOB_WAVES = np.arange(2, 8)
BLOB_SINES = np.sin(BLOB_WAVES[:, None] * BLOB_TURN)
BLOB_COSINES = np.cos(BLOB_WAVES[:, None] * BLOB_TURN)
SQUARE = np.array([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]])
STROKE = np.linspace(-2.2, 2.2, 8)


def power_law_radii(rng: np.random.Generator, *, count: int, smallest: float, largest: float) -> Floats:
    """Radii (count,) with density r**-2.2: few large, many small (Lee, Mumford and Huang 2001)."""
    low, high = smallest**-1.2, largest**-1.2
    return (low + rng.random(count) * (high - low)) ** (-1 / 1.2)


def orientations(rng: np.random.Generator, *, count: int, upright: float) -> Floats:
    """Angles (count,) in radians; a share `upright` of them lies near the horizontal or vertical."""
    free = rng.uniform(0, np.pi, count)
    near_axes = rng.integers(0, 2, count) * (np.pi / 2) + 0.03 * rng.standard_normal(count)
    return np.where(rng.random(count) < upright, near_axes, free)


def _points(xs: Floats, ys: Floats) -> Floats:
    points = np.empty((*np.broadcast(xs, ys).shape, 2))
    points[..., 0], points[..., 1] = xs, ys
    return points


def _stretched(rng: np.random.Generator, points: Floats, *, spread: float) -> Floats:
    ratio = np.exp(spread * rng.standard_normal((len(points), 1)))
    return _points(points[..., 0] * ratio, points[..., 1] / ratio)


def _ellipses(rng: np.random.Generator, count: int) -> Floats:
    circle = _points(np.cos(ELLIPSE_TURN), np.sin(ELLIPSE_TURN))
    return _stretched(rng, np.broadcast_to(circle, (count, *circle.shape)), spread=0.3)


def _rectangles(rng: np.random.Generator, count: int) -> Floats:
    return _stretched(rng, np.broadcast_to(SQUARE, (count, *SQUARE.shape)), spread=0.6)


def _polygons(rng: np.random.Generator, count: int) -> Floats:
    turn = (np.arange(CORNERS) + rng.uniform(-0.35, 0.35, (count, CORNERS))) * (2 * np.pi / CORNERS)
    reach = rng.uniform(0.5, 1.2, (count, CORNERS))
    return _stretched(rng, _points(np.cos(turn) * reach, np.sin(turn) * reach), spread=0.4)


def _blobs(rng: np.random.Generator, count: int) -> Floats:
    waves = rng.normal(0, 0.25, (2, count, len(BLOB_WAVES))) / BLOB_WAVES**0.8
    reach = np.exp(waves[0] @ BLOB_SINES + waves[1] @ BLOB_COSINES)
    return _stretched(rng, _points(np.cos(BLOB_TURN) * reach, np.sin(BLOB_TURN) * reach), spread=0.4)


def _strokes(rng: np.random.Generator, count: int) -> Floats:
    bend = rng.normal(0, 0.12, (count, 1)) * STROKE**2 + rng.normal(0, 0.02, (count, 1)) * STROKE**3
    width = rng.uniform(0.02, 0.12, (count, 1)) * np.linspace(1, 0.4, len(STROKE))
    there, back = _points(STROKE, bend - width), _points(STROKE, bend + width)
    return np.concatenate([there, back[:, ::-1]], 1)


FAMILIES = (_ellipses, _rectangles, _polygons, _blobs, _strokes)
ELLIPSE, RECTANGLE, POLYGON, BLOB, STROKE_FAMILY = range(len(FAMILIES))


def outlines(
    rng: np.random.Generator, *, families: Integers, centers: Floats, radii: Floats, angles: Floats
) -> list[list[float]]:
    """The outline of each leaf as x, y, x, y, ... in pixels, in the order given.

    families (N,) index FAMILIES; centers (N, 2) and radii (N,) are in pixels; angles (N,) in radians.
    """
    drawn: list[list[float]] = [[]] * len(radii)
    for family, shapes in enumerate(FAMILIES):
        members = np.flatnonzero(families == family)
        if len(members):
            flat = _placed(shapes(rng, len(members)), centers[members], radii[members], angles[members])
            for member, outline in zip(members.tolist(), flat, strict=True):
                drawn[member] = outline
    return drawn


def _placed(shapes: Floats, centers: Floats, radii: Floats, angles: Floats) -> list[list[float]]:
    cosine, sine = (np.cos(angles) * radii)[:, None], (np.sin(angles) * radii)[:, None]
    xs, ys = shapes[..., 0], shapes[..., 1]
    placed = _points(xs * cosine - ys * sine + centers[:, :1], xs * sine + ys * cosine + centers[:, 1:])
    flat: list[list[float]] = placed.reshape(len(shapes), -1).tolist()
    return flat
