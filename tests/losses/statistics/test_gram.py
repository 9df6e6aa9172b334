import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.losses.statistics.gram import gram_loss, gram_matrix


class TestGramMatrix:
    def test_value_worked_by_hand(self) -> None:
        features = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
        # rows (1 2) and (3 4): 1+4, 3+8, 3+8, 9+16
        assert gram_matrix(features).tolist() == [[[5.0, 11.0], [11.0, 25.0]]]

    @given(seed=st.integers(0, 1000))
    @settings(max_examples=20, deadline=None)
    def test_place_does_not_matter(self, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        features = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64)
        order = torch.randperm(20, generator=generator)
        shuffled = features.flatten(2)[..., order].view_as(features)
        torch.testing.assert_close(gram_matrix(shuffled), gram_matrix(features))

    def test_half_precision_does_not_overflow(self) -> None:
        features = torch.full((1, 1, 10, 10), 100.0, dtype=torch.float16)
        assert gram_matrix(features).item() == 1_000_000.0

    def test_autocast_does_not_lower_the_precision(self) -> None:
        features = torch.full((1, 1, 1, 257), 1.0)
        with torch.autocast("cpu", torch.bfloat16):
            gram = gram_matrix(features)
        # bfloat16 has no 257
        assert (gram.dtype, gram.item()) == (torch.float32, 257.0)


class TestGramLoss:
    def test_value_worked_by_hand(self) -> None:
        gram = torch.tensor([[[5.0, 11.0], [11.0, 25.0]]])
        target = torch.tensor([[[5.0, 10.0], [10.0, 22.0]]])
        # 0 + 1 + 1 + 9 = 11, times 2
        assert gram_loss(gram, target, weight=2.0).tolist() == [22.0]

    def test_gradient_in_double_precision(self) -> None:
        features = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
        target = torch.randn(1, 2, 2, dtype=torch.float64)
        assert torch.autograd.gradcheck(lambda maps: gram_loss(gram_matrix(maps), target), features)
