import math

import pytest
import torch
from torch import Tensor

from fastst.losses.hatch import Hatch


def grain(*, deviation: float = 0.1, side: int = 256, seed: int = 0) -> Tensor:
    """Return grey white noise, (1, 3, side, side)."""
    noise = torch.randn(1, 1, side, side, generator=torch.Generator().manual_seed(seed))
    return (0.5 + deviation * noise).expand(1, 3, side, side)


def stripes(*, period: float, amplitude: float = 0.1, side: int = 256) -> Tensor:
    """Return grey upright stripes, (1, 3, side, side)."""
    wave = amplitude * torch.sin(2 * math.pi * torch.arange(side) / period + 0.3)
    return (0.5 + wave).expand(1, 3, side, side)


PAINTING = grain()


def test_worked_by_hand() -> None:
    # The stripes' variance is 0.1² / 2. The grain's is 0.1², of which the share of the frequencies beyond a
    # circle of radius 1/8 in a square of side 1 is 1 - π/64. All of the stripes is a peak.
    stripes_energy, grain_energy = 0.5, 1 - math.pi / 64
    expected = 2 * stripes_energy / (stripes_energy + grain_energy)
    assert Hatch(PAINTING)(stripes(period=4)).item() == pytest.approx(expected, rel=0.03)


def test_it_is_bounded_where_the_painting_is_flat() -> None:
    flat = torch.full((1, 3, 128, 128), 0.5)
    assert Hatch(flat)(stripes(period=4)).item() == pytest.approx(2, rel=0.01)
    assert Hatch(flat)(flat).item() == 0


def test_grain_is_no_hatch() -> None:
    assert Hatch(PAINTING)(grain(seed=1)).item() == pytest.approx(0, abs=2e-3)


def test_broad_strokes_are_no_hatch() -> None:
    assert Hatch(PAINTING)(stripes(period=16)).item() == pytest.approx(0, abs=1e-3)


def test_what_the_painting_has_is_allowed() -> None:
    striped = stripes(period=5) + grain() - 0.5
    assert Hatch(striped)(striped).item() < 0.1 < Hatch(PAINTING)(striped).item()
    assert Hatch(PAINTING, striped)(striped).item() < 0.1


def test_a_hatch_in_one_corner_is_found_too() -> None:
    corner = grain(deviation=0.02).clone()
    corner[..., :128, :128] += stripes(period=4, side=128, amplitude=0.03) - 0.5
    assert Hatch(PAINTING)(corner).item() > 10 * Hatch(PAINTING)(grain(deviation=0.02)).item()


def test_each_picture_of_a_batch_for_itself() -> None:
    hatch = Hatch(PAINTING)
    pictures = [stripes(period=4), stripes(period=6), grain(seed=2)]
    apart = [hatch(picture).item() for picture in pictures]
    assert hatch(torch.cat(pictures)).tolist() == pytest.approx(apart, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(("painting", "picture"), [(48, 256), (256, 48)])
def test_what_is_too_small_to_tell_has_none(painting: int, picture: int) -> None:
    assert Hatch(grain(side=painting))(stripes(period=4, side=picture)).tolist() == [0.0]


def test_gradients_lead_away_from_it() -> None:
    hatch = Hatch(PAINTING)
    picture = (
        (stripes(period=4, amplitude=0.05) + grain(deviation=0.02, seed=3) - 0.5).clone().requires_grad_()
    )
    before = hatch(picture)
    before.sum().backward()
    assert picture.grad is not None
    after = hatch(picture.detach() - 0.01 * picture.grad / picture.grad.abs().max())
    assert after.item() < 0.9 * before.item()


def test_autocast_leaves_it_alone() -> None:
    plain = Hatch(PAINTING)(stripes(period=4))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(Hatch(PAINTING)(stripes(period=4)), plain)
