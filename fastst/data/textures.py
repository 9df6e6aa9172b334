"""Random textures whose amplitude falls as a power of frequency, as it does in photos of matter."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


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
