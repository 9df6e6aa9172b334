import math

import pytest
import torch
from torch import Tensor

from fastst.evaluation.metrics.painted import Painted, PaintedEvaluator, _bands, flattest_third, hatch


def grey(lightness: Tensor) -> Tensor:
    """Return the gray picture (1, 3, H, W) of L*, (H, W)."""
    ratio = ((lightness + 16) / 116) ** 3
    value = torch.where(ratio > 0.0031308, 1.055 * ratio ** (1 / 2.4) - 0.055, 12.92 * ratio)
    return value.expand(1, 3, -1, -1)


def waves(period: float, amplitude: float, *, size: int = 192) -> Tensor:
    across = torch.arange(size).float()
    return 50 + amplitude * torch.cos(2 * math.pi * across / period).expand(size, size)


def white_noise(deviation: float) -> Tensor:
    return 50 + deviation * torch.randn(192, 192, generator=torch.Generator().manual_seed(0))


class TestStrokes:
    def test_half_the_deviation_is_half_in_every_band(self) -> None:
        judge = PaintedEvaluator(grey(white_noise(12)))
        found = judge(grey(50 + (white_noise(12).flip(1) - 50) / 2), grey(waves(50, 1)))
        # Of the largest strokes a third of so small a picture holds only a few.
        assert found.strokes[:2] == pytest.approx((0.5, 0.5), abs=0.04)
        assert found.strokes[2:] == pytest.approx((0.5, 0.5), abs=0.15)
        assert found.contrast == pytest.approx(0.5, abs=0.01)

    def test_a_wave_is_in_the_band_of_its_size(self) -> None:
        # A difference of Gaussians of σ and 2σ passes a period of 2πσ / √(ln 16 / 3) = 6.5 σ best.
        for band, sigma in enumerate((1, 2, 4, 8)):
            energies = [float(plane.std()) for plane in _bands(waves(6.5 * sigma, 5)[None, None])]
            assert energies.index(max(energies)) == band

    def test_they_are_looked_for_where_the_photo_is_flattest(self) -> None:
        busy = white_noise(15)
        busy[:, 128:] = 50.0
        flat = flattest_third(grey(busy))[0, 0]
        assert float(flat.float().mean()) == pytest.approx(1 / 3, abs=0.01)
        assert float(flat[:, 140:].float().mean()) > 0.95 and float(flat[:, :120].float().mean()) < 0.02


class TestHatch:
    def test_of_a_grating_is_its_deviation(self) -> None:
        # Taken against its neighborhood after a high pass, which a wave of 4 px passes whole.
        assert hatch(waves(4, 3)[None, None]) == pytest.approx(3 / 2**0.5, rel=0.1)

    @pytest.mark.parametrize("period", [12, 24])
    def test_larger_patterns_are_none(self, period: float) -> None:
        assert hatch(waves(period, 3)[None, None]) < 0.1

    def test_white_noise_has_none(self) -> None:
        assert hatch(white_noise(5)[None, None]) < 0.15

    def test_elsewhere_does_not_count(self) -> None:
        plane = waves(4, 3)
        plane[:, :96] = 50
        left = torch.zeros(1, 1, 192, 192, dtype=torch.bool)
        left[..., :70] = True
        assert hatch(plane[None, None], left) < 0.1 < 1 < hatch(plane[None, None], ~left)


class TestRank:
    def test_worked_by_hand(self) -> None:
        painted = Painted(strokes=(0.5, 2.0, 1.0, 1.0), edges=0.35, hatch=1.0, contrast=0.8, chroma=1.25)
        # (0.5 · 0.5)^(1/4) · 0.35 / 0.7 · 0.8 · 1 / 1.25 · 0.9
        assert painted.rank == pytest.approx(0.25**0.25 * 0.5 * 0.8 * 0.8 * 0.9)

    def test_the_best_is_1_and_no_edges_are_0(self) -> None:
        best = Painted(strokes=(1.0, 1.0, 1.0, 1.0), edges=0.8, hatch=0.0, contrast=1.0, chroma=1.0)
        assert best.rank == pytest.approx(1)
        assert Painted(best.strokes, -0.1, 0.0, 1.0, 1.0).rank == 0

    def test_the_photo_and_the_painting_rank_below_a_mean_of_strokes_on_the_photo(self) -> None:
        photo, painting = waves(48, 18), white_noise(12).flip(0)
        judge = PaintedEvaluator(grey(painting))
        ranks = [
            judge(grey(picture), grey(photo)).rank
            for picture in (photo, painting, 50 + 0.8 * (photo - 50) + 0.8 * (painting - 50))
        ]
        assert ranks[2] > 2 * max(ranks[:2])
