"""What synthetic scenes are covered with: colors and random textures.

Colors are drawn so that their channels correlate as those of photos do; the amplitude of textures falls as a
power of frequency, as it does in photos of matter.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

Floats64 = NDArray[np.float64]

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
WARM_AXIS = np.array([1.0, 0.05, -1.0], np.float32)
GREEN_AXIS = np.array([-0.7, 0.4, -0.4], np.float32)


@lru_cache(maxsize=8)
def _log_frequency(size: int) -> Floats:
    axis = np.fft.fftfreq(size).astype(np.float32) * size
    radius = np.hypot(axis[:, None], axis[None, :])
    radius[0, 0] = 1
    return np.log(radius)


def pink_noise_pair(rng: np.random.Generator, *, size: int, slope: float) -> tuple[Floats, Floats]:
    """Two independent fields (size, size) with amplitude 1/f**slope, zero mean and unit variance.

    One complex inverse Fourier transform of white noise yields both, as its real and imaginary parts.
    """
    envelope = np.exp(-slope * _log_frequency(size))
    envelope[0, 0] = 0
    white = rng.standard_normal((size, size, 2), np.float32).view(np.complex64)[..., 0]
    field = np.fft.ifft2(white * envelope)
    field *= size * size / np.sqrt(np.square(envelope).sum())
    return np.ascontiguousarray(field.real), np.ascontiguousarray(field.imag)


def creased(field: Floats) -> Floats:
    """Fold a noise field at zero, which draws sharp dark veins through it; zero mean, unit variance."""
    folded = np.abs(field)
    return (folded - folded.mean()) / (folded.std() + np.float32(1e-6))


def relief(field: Floats, *, angle: float) -> Floats:
    """Light a height field (H, W) from the side at this angle; zero mean, unit variance."""
    down, right = np.roll(field, 1, 0) - field, np.roll(field, 1, 1) - field
    slope = np.float32(np.cos(angle)) * right + np.float32(np.sin(angle)) * down
    return slope / (slope.std() + np.float32(1e-6))


def stripes(xs: Floats, ys: Floats, *, angle: float, period: float, sharpness: float) -> Floats:
    """Bands in [-1, 1] across the plane, sinusoidal at sharpness 0 and hard-edged above it."""
    phase = (np.cos(angle) * xs + np.sin(angle) * ys) * (2 * np.pi / period)
    return np.tanh(np.sin(phase) * (0.5 + sharpness)).astype(np.float32)


def scene_palette(rng: np.random.Generator, *, count: int) -> Floats:
    """Draw the few colors that one scene repeats: (count, 3), linear in value, about [0, 1].

    Brightness varies far more than hue, and hue varies along the sky-to-soil axis more than along the
    magenta-to-leaf one, as in photos; a lognormal vividness makes some scenes gray and a few colorful.
    """
    vividness = 0.24 * np.exp(0.45 * rng.standard_normal())
    cast = 0.35 * rng.standard_normal()
    brightness = rng.beta(1.1, 1.1, count)
    warm = vividness * (rng.laplace(0.3, 0.6, count) + cast)
    green = vividness * rng.laplace(0.05, 0.35, count)
    tint = warm[:, None] * WARM_AXIS + green[:, None] * GREEN_AXIS
    return np.asarray(0.04 + brightness[:, None] * (0.95 + np.clip(tint, -0.8, 1.0)), np.float32)


def shades_of(rng: np.random.Generator, colors: Floats, *, spread: float | Floats64) -> Floats:
    """Vary the brightness of colors (N, 3) by lognormal factors, and their hue a little."""
    factors = np.exp(spread * rng.standard_normal((len(colors), 1)))
    hues = 0.12 * spread * rng.standard_normal((len(colors), 1)) * WARM_AXIS
    return np.asarray(
        colors * (factors + hues) + 0.12 * spread * rng.standard_normal((len(colors), 1)), np.float32
    )


def expose(picture: Floats, *, mean: float, contrast: float) -> Floats:
    """Give picture (H, W, 3) about this mean and standard deviation of luminance, within [0, 1].

    Shadows bend towards black instead of being cut off, as a camera's tone curve does.
    """
    for _ in range(2):
        luminance = picture @ LUMINANCE
        gain = np.float32(contrast / max(float(luminance.std()), 0.02))
        picture = np.clip((picture - luminance.mean()) * gain + np.float32(mean), -0.5, 1)
    toe = np.float32(0.05)
    return np.minimum((picture + np.sqrt(picture * picture + toe * toe)) / 2, 1)
