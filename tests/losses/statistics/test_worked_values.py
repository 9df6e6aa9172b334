"""Each statistic on features of one or two channels and a few positions, worked by hand."""

import math

import pytest
import torch
from torch import Tensor

from fastst.losses.statistics import patch_matching
from tests.losses.statistics.term import term


def maps(*channels: list[float]) -> Tensor:
    """One picture of one row."""
    return torch.tensor(channels, dtype=torch.float64)[None, :, None]


def test_guided_gram() -> None:
    # G = 1/4 · 1² + 3/4 · 2² = 3.25 against A = (9 + 1) / 2 = 5: 1.75² / (3.25² + 5²)
    assert term("gram", maps([3, 1]), maps([1, 2]), map=maps([1, 3])) == pytest.approx([3.0625 / 35.5625])


def test_covariance() -> None:
    # Σ 1/4 against 1: 0.75² / (1/16 + 1); μ 1.5 against 2: 0.25 / (2.25 + 4)
    assert term("covariance", maps([3, 1]), maps([1, 2])) == pytest.approx([0.5625 / 1.0625 + 0.04])


def test_covariance_sees_what_varies_together() -> None:
    # the same channels, once in step (Σ = [[1, 1], [1, 1]]), once in opposition: (4 + 4) / (4 + 4)
    assert term("covariance", maps([1, 3], [1, 3]), maps([1, 3], [3, 1])) == pytest.approx([1.0])


def test_moments() -> None:
    # μ 4 against 2, σ 2 against 1: (4 + 1) / (16 + 4 + 4 + 1)
    assert term("moments", maps([3, 1]), maps([2, 6])) == pytest.approx([0.2], abs=1e-5)


def test_moments_of_a_region() -> None:
    # the last position has no weight: as above
    assert term("moments", maps([3, 1]), maps([2, 6, 9]), map=maps([1, 1, 0])) == pytest.approx(
        [0.2], abs=1e-5
    )


def test_higher_moments() -> None:
    # style: one deviation to either side of 3, squashed to ±z, moments 0, z², 0, z⁴
    # picture: 3 + 2 deviations everywhere, squashed to its mean y, moments y, 0, 0, 0
    z, y = math.tanh(1 / 2), math.tanh(2 / 2)
    expected = (y**2 + z**4 + z**8) / 4
    assert term("higher-moments", maps([2, 4]), maps([5, 5])) == pytest.approx([expected])


class TestHistogram:
    def test_as_many_positions_value_by_value(self) -> None:
        # 0 to 1, 5 to 3: (1 + 4) / 2, over 25 / 2 + 10 / 2
        assert term("histogram", maps([3, 1]), maps([5, 0])) == pytest.approx([2.5 / 17.5])

    def test_more_positions_along_the_quantile_function(self) -> None:
        # levels 1/8, 3/8, 5/8, 7/8 of a line from 0 at 1/4 to 4 at 3/4: targets 0, 1, 3, 4
        assert term("histogram", maps([0, 4]), maps([2, 0, 3, 1])) == pytest.approx([0.5 / (3.5 + 8)])

    def test_weights_move_the_levels(self) -> None:
        # 0 fills 0 to 1/4, 4 the rest: levels 1/8 and 5/8, targets 0 and 3: 3/4 · 1, over 3/4 · 16 + 8
        assert term("histogram", maps([0, 4]), maps([0, 4]), map=maps([1, 3])) == pytest.approx([0.75 / 20])


class TestWasserstein:
    def test_one_channel(self) -> None:
        # μ 4 against 2, σ 2 against 1: (4 + 1) over 20 + 5
        assert term("wasserstein", maps([3, 1]), maps([2, 6])) == pytest.approx([0.2], abs=1e-6)

    def test_two_channels_whose_covariances_do_not_commute(self) -> None:
        style = maps([1, 1, -1, -1], [2, -2, 2, -2])  # Σ' = diag(1, 4)
        picture = maps([1, 1, -1, -1], [1, 1, -1, -1])  # Σ = [[1, 1], [1, 1]]
        # Σ'^½ Σ Σ'^½ = [[1, 2], [2, 4]], of eigenvalues 5 and 0: tr Σ + tr Σ' − 2 √5 = 7 − 2 √5, over 7
        assert term("wasserstein", style, picture) == pytest.approx([(7 - 2 * 5**0.5) / 7], abs=1e-6)


class TestSlicedWasserstein:
    def test_one_channel_is_its_histogram(self) -> None:
        assert term("sliced-wasserstein", maps([3, 1]), maps([5, 0])) == pytest.approx([2.5 / 17.5])

    def test_it_sees_what_no_channel_shows_alone(self) -> None:
        style, picture = maps([0, 0, 1, 1], [0, 0, 1, 1]), maps([0, 0, 1, 1], [0, 1, 0, 1])
        assert term("histogram", style, picture) == [0.0]
        assert term("sliced-wasserstein", style, picture)[0] > 0.01


class TestCorrelation:
    def test_two_positions(self) -> None:
        # R at shifts −1, 0, 1: picture 0, (4 + 0) / 2, 0; style 1, 1, 1: 3 over 4 + 3
        assert term("correlation", maps([1, 1]), maps([2, 0])) == pytest.approx([3 / 7])

    def test_a_period_is_seen_wherever_it_starts(self) -> None:
        stripes, shifted = maps([1, 0, 0, 0] * 8), maps([0, 0, 1, 0] * 8)
        wider = maps([1, 0, 0, 0, 0, 1, 0, 0] * 4)
        assert term("correlation", stripes, shifted)[0] < 0.1 * term("correlation", stripes, wider)[0]


class TestPatches:
    # Left half the one channel, right half the other; the picture is nearer to the left in direction.
    STYLE = torch.cat(
        (
            torch.tensor([2.0, 0]).view(2, 1, 1).expand(2, 6, 6),
            torch.tensor([0, 2.0]).view(2, 1, 1).expand(2, 6, 6),
        ),
        dim=-1,
    )[None]
    PICTURE = torch.tensor([5.0, 1.0]).view(1, 2, 1, 1).expand(1, 2, 7, 7)

    @pytest.mark.parametrize("name", ["patches", "mrf"])
    def test_nearest_by_direction_not_by_distance(self, name: str) -> None:
        # (5, 1) against (2, 0): (9 + 1) / (26 + 4)
        assert term(name, self.STYLE, self.PICTURE) == pytest.approx([1 / 3], abs=1e-6)

    @pytest.mark.parametrize("name", ["patches", "mrf"])
    def test_only_patches_of_the_region(self, name: str) -> None:
        right = torch.zeros(1, 1, 6, 12)
        right[..., 6:] = 1
        found = term(name, self.STYLE[..., 5:], self.PICTURE, style_map=right[..., 5:])
        assert found[0] > 0.5

    @pytest.mark.parametrize("name", ["patches", "mrf"])
    def test_blocks_change_nothing(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        generator = torch.Generator().manual_seed(0)
        style, picture = (
            torch.rand(1, 2, 12, 9, generator=generator),
            torch.rand(1, 2, 17, 14, generator=generator),
        )
        whole = term(name, style, picture)
        monkeypatch.setattr(patch_matching, "_BLOCK", 1)
        assert term(name, style, picture) == pytest.approx(whole, abs=1e-6)

    def test_large_maps_are_sampled(self) -> None:
        assert patch_matching.sampling_stride(torch.empty(1, 1, 32, 64)) == 1
        # ⌈320 / 7⌉ · ⌈256 / 7⌉ = 46 · 37 = 1702, and 54 · 43 = 2322 at 6
        assert patch_matching.sampling_stride(torch.empty(1, 1, 256, 320)) == 7

    def test_mrf_equals_the_sum_over_patches(self) -> None:
        generator = torch.Generator().manual_seed(1)
        style, picture = (torch.rand(1, 2, 5, 6, generator=generator, dtype=torch.float64) for _ in range(2))
        wanted, have = (torch.nn.functional.unfold(maps, 3)[0].T for maps in (style, picture))
        nearest = wanted[(have @ wanted.T / wanted.norm(dim=1)).argmax(dim=1)]
        expected = (have - nearest).square().sum() / (have.square().sum() + nearest.square().sum())
        assert term("mrf", style, picture) == pytest.approx([expected.item()])


def test_spatial_histogram() -> None:
    # cells of weights (½, 0), (½, ½), (0, ½): 3 against 1, nothing, 1 against 3; energies 10, 10, 10:
    # (½ · 4 + 0 + ½ · 4) / (½ · 10 + 10 + ½ · 10)
    assert term("spatial-histogram", maps([3, 1]), maps([1, 3])) == pytest.approx([0.2])
    assert term("histogram", maps([3, 1]), maps([1, 3])) == [0.0]


def test_texture() -> None:
    # plain Gram matrices 2 and 1: 1/5; at a shift of 4, 0 and 1: 1; no other shift fits
    found = term("texture", maps([1] * 8), maps([2, 2, 2, 2, 0, 0, 0, 0]))
    assert found == pytest.approx([0.6])
