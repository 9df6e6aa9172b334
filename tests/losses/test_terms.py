import pytest
import torch
from torch import Tensor

from fastst.losses.terms import content_loss, laplacian, laplacian_loss, temporal_loss, total_variation

# Averages over 4×4 px, channels added: 3 and 0.
STEP = torch.tensor([1.0] * 4 + [0.0] * 4).expand(1, 3, 4, 8)

MOVED = torch.tensor([0.0, 1.0, 0.0, 1.0]).view(1, 1, 1, 4)
SEEN = torch.ones(1, 1, 1, 4)
NONE = torch.zeros(1, 1, 1, 4)


class TestContentLoss:
    def test_value_worked_by_hand(self) -> None:
        features = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        target = torch.tensor([[[[0.0, 2.0], [5.0, 1.0]]]])
        # 1² + 0² + 2² + 3² = 14
        assert content_loss(features, target).tolist() == [14.0]

    def test_pictures_apart(self) -> None:
        features = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)
        assert content_loss(features, torch.zeros_like(features)).tolist() == [1.0, 9.0]

    def test_half_precision_does_not_overflow(self) -> None:
        features = torch.full((1, 1, 1, 2), 300.0, dtype=torch.float16)
        # 300² = 90,000 is past half precision's 65,504.
        assert content_loss(features, torch.zeros_like(features)).item() == 180_000.0


class TestTotalVariation:
    def test_value_worked_by_hand(self) -> None:
        image = torch.tensor([[[[0.0, 1.0, 3.0], [2.0, 2.0, 2.0]]]])
        # down: 2² + 1² + (−1)² = 6; right: 1² + 2² + 0 + 0 = 5
        assert total_variation(image).tolist() == [11.0]

    def test_channels_add_up(self) -> None:
        image = torch.tensor([[0.0, 1.0]]).expand(1, 3, 1, 2)
        assert total_variation(image).tolist() == [3.0]

    def test_a_flat_picture_has_none(self) -> None:
        assert total_variation(torch.full((2, 3, 5, 4), 0.7)).tolist() == [0.0, 0.0]


class TestLaplacian:
    def test_value_worked_by_hand(self) -> None:
        # 4·3 − (3 + 3) − (3 + 0), and 4·0 − 0 − (3 + 0)
        assert laplacian(STEP).tolist() == [[[[3.0, -3.0]]]]

    def test_an_even_picture_has_none(self) -> None:
        assert laplacian(torch.full((1, 3, 3, 9), 0.5)).abs().max() < 1e-6


class TestLaplacianLoss:
    def test_value_worked_by_hand(self) -> None:
        # (3² + 3²) / (18 + 72), times 5
        assert laplacian_loss(2 * STEP, STEP, weight=5.0).item() == pytest.approx(1.0)

    def test_brightness_does_not_matter_and_structure_does(self) -> None:
        assert laplacian_loss(0.25 + 0.5 * STEP, 0.5 * STEP).item() == pytest.approx(0)
        assert laplacian_loss(1 - STEP, STEP).item() == pytest.approx(2)

    def test_gradient_is_the_numeric_one(self) -> None:
        generator = torch.Generator().manual_seed(0)
        picture, photo = (torch.rand(1, 3, 8, 9, generator=generator, dtype=torch.float64) for _ in range(2))
        assert torch.autograd.gradcheck(lambda x: laplacian_loss(x, photo), picture.requires_grad_())


def loss(second: Tensor, *, seen: Tensor = SEEN, change: Tensor = NONE, features: Tensor = MOVED) -> float:
    found = temporal_loss(
        second, MOVED, seen=seen, second_features=features, moved_features=MOVED, change=change
    )
    return float(found)


class TestSteadinessLoss:
    def test_what_moved_with_the_scene_costs_nothing(self) -> None:
        assert loss(MOVED) == 0

    def test_values_worked_by_hand(self) -> None:
        # The energy around the mean of a half is 4 · 0.25 = 1; the difference is 4 · 0.01 = 0.04.
        torch.testing.assert_close(loss(MOVED + 0.1), 0.04 + 0.1 * 0.04)
        # Features (1, 1, 1, 1) against (0, 1, 0, 1): 2 / (4 + 2).
        torch.testing.assert_close(loss(MOVED, features=torch.ones_like(MOVED)), 2 / 6)

    def test_what_the_film_itself_changed_is_half_forgiven(self) -> None:
        """The frame difference then costs nothing; the warping still does."""
        torch.testing.assert_close(loss(MOVED + 0.1, change=torch.full_like(MOVED, 0.1)), 0.04)

    def test_what_was_not_seen_does_not_count(self) -> None:
        second, seen = MOVED.clone(), SEEN.clone()
        second[..., 3], seen[..., 3] = 0.2, 0.0
        assert loss(second, seen=seen) == 0
        assert loss(second) > 0
