import pytest

from fastst.live.sizing import WorkingSize


def settle(size: WorkingSize, cost: float, *, fixed_cost: float = 0.0) -> int:
    """Let it settle on a machine that takes ``cost`` seconds for a million pixels of a 4:3 picture."""
    for _ in range(200):
        if size.is_settled:
            return size.side
        size.observe(fixed_cost + cost * size.side * size.side * 0.75 / 1e6)
    raise AssertionError("it does not settle")


@pytest.mark.parametrize("cost", [0.05, 0.2, 1.0, 3.0])
@pytest.mark.parametrize("fixed_cost", [0.0, 0.004])
def test_the_largest_side_that_holds_the_rate(cost: float, fixed_cost: float) -> None:
    side = settle(WorkingSize(longest=4000, fps=30), cost, fixed_cost=fixed_cost)
    budget = 0.85 / 30

    def seconds(side: int) -> float:
        return fixed_cost + cost * side * side * 0.75 / 1e6

    assert seconds(side) <= budget
    assert seconds(side + 48) > budget


def test_never_larger_than_the_source() -> None:
    assert settle(WorkingSize(longest=640, fps=30), 0.001) == 640


def test_a_machine_that_cannot_do_it_gets_the_smallest() -> None:
    assert settle(WorkingSize(longest=640, fps=30), 50.0) == 96


def test_one_slow_frame_decides_nothing() -> None:
    size = WorkingSize(longest=256, fps=30)
    for seconds in (0.5, 0.01, 0.01, 0.5, 0.01, 0.01):
        size.observe(seconds)
    assert size.is_settled and size.side == 256


def test_a_fixed_side_stays() -> None:
    size = WorkingSize(longest=640, fixed=300)
    size.observe(10.0)
    assert size.is_settled and size.side == 300
