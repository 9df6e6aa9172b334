import torch
from torch import Tensor

from fastst.losses.steadiness import steadiness_loss

MOVED = torch.tensor([0.0, 1.0, 0.0, 1.0]).view(1, 1, 1, 4)
SEEN = torch.ones(1, 1, 1, 4)
NONE = torch.zeros(1, 1, 1, 4)


def loss(second: Tensor, *, seen: Tensor = SEEN, change: Tensor = NONE, features: Tensor = MOVED) -> float:
    found = steadiness_loss(
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
