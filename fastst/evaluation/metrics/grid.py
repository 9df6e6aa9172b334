"""Traces of the network itself in a stylized picture: upsampling grids and halos along the border."""

import torch
from torch import Tensor

from fastst.errors import UsageError
from fastst.images.colors import luminance

_TILE = 64
_STRIDE = 32
# A Hann window spreads a pure tone over this many bins to each side.
_PEAK_BINS = 1
_NEIGHBOUR_BINS = 5
# A quarter of an 8-bit step: misfits below it are none, so that equal pictures compare as 1.
_SLIGHT = 1e-3


def grid_energy(stylized: Tensor, content: Tensor) -> float:
    """Energy of upsampling grids in the stylized picture, above what the photo itself has there.

    Strided and transposed convolutions leave patterns with periods of 2 and 4 px (Odena et al. 2016,
    "Deconvolution and Checkerboard Artifacts"). Their energy lies in narrow peaks where both frequencies
    are 0, ±1/4 or 1/2 of a cycle a pixel. The luminance's power spectrum is averaged over 64 px tiles
    (mean removed, Hann window, half overlapping); of each such peak only what rises above its
    neighborhood counts, so fine texture and noise do not. The sum is divided by the whole spectrum's.

    Args:
        stylized: (3, H, W), RGB in [0, 1], at least 64 px a side.
        content: the photo, likewise.

    Returns:
        Share of the stylized picture less share of the photo: 0 without a grid; about
        a² / (a² + s²) for a grid of standard deviation a on a picture that varies by s within a tile.
        Below 0 where the photo has more of it, as the blocks of JPEG files do.

    Raises:
        UsageError: if a picture is smaller than a tile.
    """
    return _grid_share(stylized) - _grid_share(content)


def _grid_share(image: Tensor) -> float:
    power = _tile_spectrum(_luminance_plane(image))
    quarter = _TILE // 4
    grid = [(y, x) for y in range(0, _TILE, quarter) for x in range(0, _TILE, quarter) if (y, x) != (0, 0)]
    peaks = sum(_peak_above_neighbours(power, y, x) for y, x in grid)
    return peaks / max(float(power.sum()), torch.finfo(power.dtype).tiny)


def _luminance_plane(image: Tensor) -> Tensor:
    return luminance(image.detach().double().cpu())[0]


def _tile_spectrum(plane: Tensor) -> Tensor:
    """Power spectrum (64, 64) of a plane (H, W), averaged over its tiles."""
    if min(plane.shape) < _TILE:
        height, width = plane.shape
        raise UsageError(f"{width}x{height}: too small to look for a grid; give {_TILE} px a side or more")
    tiles = plane.unfold(0, _TILE, _STRIDE).unfold(1, _TILE, _STRIDE).reshape(-1, _TILE, _TILE)
    window = torch.hann_window(_TILE, periodic=True, dtype=plane.dtype)
    tiles = (tiles - tiles.mean(dim=(1, 2), keepdim=True)) * window[:, None] * window
    # The window brings back a little of the mean; that is no part of the picture's contrast.
    tiles = tiles - tiles.mean(dim=(1, 2), keepdim=True)
    return torch.fft.fft2(tiles).abs().square().mean(dim=0)


def _peak_above_neighbours(power: Tensor, y: int, x: int) -> float:
    """Energy in the 3x3 bins at (y, x) above that of as many bins of the ring around them."""
    reach = _NEIGHBOUR_BINS
    around = power.roll((reach - y, reach - x), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    is_peak = torch.zeros_like(around, dtype=torch.bool)
    inner = slice(reach - _PEAK_BINS, reach + _PEAK_BINS + 1)
    is_peak[inner, inner] = True
    peak = around[is_peak]
    return max(0.0, float(peak.sum() - around[~is_peak].mean() * peak.numel()))


def border_ratio(stylized: Tensor, content: Tensor, *, width: int = 16) -> float:
    """How much worse the photo explains the stylized picture along the border than further in.

    Padding shows as a border that is darker, lighter, flatter or busier than the photo gives reason for.
    Both pictures are cut into squares of ``width`` px, and each square has a mean luminance and a
    contrast (its standard deviation). Those of the stylized picture are fitted, by least squares over
    the squares not at the border, as affine functions of the photo's, which takes up the style's own
    change of tone. The result is the mean absolute misfit, of mean and contrast together, of the squares
    at the border over that of the squares further in.

    Args:
        stylized: (3, H, W), RGB in [0, 1].
        content: the photo, of the same shape, at least 6 × ``width`` px a side.
        width: of the band, in px.

    Returns:
        About 1 without a halo, more with one.

    Raises:
        UsageError: if the pictures are too small or differ in size.
    """
    if stylized.shape != content.shape or min(content.shape[1:]) < 6 * width:
        raise UsageError(
            f"{stylized.shape[2]}x{stylized.shape[1]} and {content.shape[2]}x{content.shape[1]}: to compare "
            f"borders, give pictures of one size, {6 * width} px a side or more"
        )
    looks = _squares(_luminance_plane(stylized), width=width)
    photo = _squares(_luminance_plane(content), width=width)
    inside = torch.zeros(looks.shape[:2], dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    known = torch.cat((photo, torch.ones_like(photo[..., :1])), dim=-1)
    # gelsd also solves for a flat photo, whose columns are not independent.
    fit = torch.linalg.lstsq(known[inside], looks[inside], driver="gelsd").solution
    misfit = (looks - known @ fit).abs().sum(dim=-1)
    return float((misfit[~inside].mean() + _SLIGHT) / (misfit[inside].mean() + _SLIGHT))


def _squares(plane: Tensor, *, width: int) -> Tensor:
    """Mean and standard deviation (rows, columns, 2) of squares that reach all four borders of a plane."""
    rows, columns = (_spans(length, width=width) for length in plane.shape)
    squares = plane[rows][:, :, columns]
    return torch.stack((squares.mean(dim=(1, 3)), squares.std(dim=(1, 3), correction=0)), dim=-1)


def _spans(length: int, *, width: int) -> Tensor:
    """Indices (spans, width), spread from one end of ``length`` to the other with little between them."""
    starts = torch.linspace(0, length - width, length // width, dtype=torch.float64).round().long()
    return starts[:, None] + torch.arange(width)
