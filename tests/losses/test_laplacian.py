import pytest
import torch

from fastst.losses.laplacian import laplacian, laplacian_loss

# Averages over 4×4 px, channels added: 3 and 0.
STEP = torch.tensor([1.0] * 4 + [0.0] * 4).expand(1, 3, 4, 8)


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
