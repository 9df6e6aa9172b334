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

    def test_gradient_in_double_precision_is_that_of_single(self) -> None:
        picture = (STEP * 0.5 + 0.1).clone().requires_grad_()
        laplacian_loss(picture, STEP).backward()
        step = torch.zeros_like(STEP)
        step[0, 1, 2, 5] = 1e-2
        with torch.no_grad():
            numeric = (laplacian_loss(picture + step, STEP) - laplacian_loss(picture - step, STEP)) / 2e-2
        assert picture.grad is not None
        assert picture.grad[0, 1, 2, 5].item() == pytest.approx(numeric.item(), rel=1e-2)
