import torch

from fastst.losses.content import content_loss


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
