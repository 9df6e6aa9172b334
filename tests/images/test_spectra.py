import math

import torch

from fastst.images.spectra import TILE, fine_frequencies, hann_window, peaks


def power_of(tile: torch.Tensor) -> torch.Tensor:
    return torch.fft.fft2(tile * hann_window()).abs().square()[None]


def test_a_tone_is_a_peak_at_its_frequency_and_little_of_it_is_lost() -> None:
    wave = torch.cos(2 * math.pi * 8 / TILE * torch.arange(TILE)).expand(TILE, TILE)
    power = power_of(wave)
    found = peaks(power, 4.0)
    assert int(found.flatten().argmax()) in (8, TILE - 8)
    assert float(found.sum()) > 0.99 * float(power.sum())


def test_what_is_alike_everywhere_has_no_peaks() -> None:
    assert not peaks(torch.ones(1, TILE, TILE), 1.001).any()


def test_an_even_spectrum_with_one_high_bin() -> None:
    # The one bin is 10 above 1; what surrounds it is 1, so with 4 times that it is 7 too high.
    power = torch.ones(1, TILE, TILE)
    power[0, 20, 30] = 11
    found = peaks(power, 4.0)
    assert float(found[0, 20, 30]) == 7.0 == float(found.sum())


def test_fine_is_a_period_of_eight_pixels_or_less() -> None:
    fine = fine_frequencies()
    assert fine[0, TILE // 8] and not fine[0, TILE // 8 - 1]
    assert fine[TILE // 2, 0] and fine[TILE - TILE // 8, 0] and not fine[0, 0]
