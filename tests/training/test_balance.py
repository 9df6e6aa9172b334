import math

import pytest
import torch

from fastst.training.balance import Balance


def after(steps: int, edges: float, *, wanted: float = 0.7) -> float:
    balance = Balance(wanted)
    for _ in range(steps):
        balance.observe(torch.tensor([edges - 0.1, edges + 0.1]))
    return balance.factor


def test_worked_by_hand() -> None:
    # Ten steps of 0.1 · (0.5 − 0.7).
    assert after(10, 0.5) == pytest.approx(math.exp(-0.2))
    assert after(5, 0.9) == pytest.approx(math.exp(0.1))


def test_it_stays_within_bounds() -> None:
    assert after(1000, 0.0) == pytest.approx(0.25)
    assert after(1000, 1.0) == pytest.approx(1.25)


def test_0_leaves_the_strength_alone() -> None:
    assert after(100, 0.1, wanted=0) == 1


def test_it_goes_on_where_it_was() -> None:
    balance, other = Balance(0.7), Balance(0.7)
    balance.observe(torch.tensor([0.2]))
    other.load_state_dict(balance.state_dict())
    assert other.factor == balance.factor != 1


def test_it_begins_where_the_network_was_trained_before() -> None:
    assert Balance(0.7, start=0.4).factor == pytest.approx(0.4)
    assert Balance(0.7, start=1e9).factor == pytest.approx(1.25)
    assert Balance(0, start=0.4).factor == 1
