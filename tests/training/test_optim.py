import pytest
import torch
from torch import nn

from fastst.training.optim import EMA, learning_rate


def test_average_worked_by_hand() -> None:
    network = nn.Linear(1, 1, bias=False)
    network.weight.data.fill_(0.0)
    average = EMA(network, decay=0.5)
    network.weight.data.fill_(1.0)
    average.update(network, step=0)  # decay min(0.5, 1/10): 0 · 0.1 + 1 · 0.9
    assert average.network.weight.item() == pytest.approx(0.9)
    average.update(network, step=1000)  # decay 0.5: 0.9 · 0.5 + 1 · 0.5
    assert average.network.weight.item() == pytest.approx(0.95)


def test_the_average_is_a_copy_that_takes_no_gradient() -> None:
    network = nn.Linear(2, 2)
    average = EMA(network, decay=0.9).network
    assert average.weight.data_ptr() != network.weight.data_ptr()
    assert not any(parameter.requires_grad for parameter in average.parameters())
    assert torch.equal(average.weight, network.weight)


def rate(step: int, progress: float) -> float:
    return learning_rate(step=step, progress=progress, peak=1.0, warm_up=9)


def test_warm_up_is_linear() -> None:
    assert [rate(step, 0.0) for step in (0, 4, 9, 20)] == pytest.approx([0.1, 0.5, 1.0, 1.0])


def test_cosine_falls_to_a_hundredth() -> None:
    # halfway the cosine is 1/2: 0.01 + 0.99 / 2
    assert [rate(100, share) for share in (0.5, 1.0, 1.7)] == pytest.approx([0.505, 0.01, 0.01])
