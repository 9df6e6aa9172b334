import torch

from fastst.losses.variation import total_variation


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
