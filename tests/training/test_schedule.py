import pytest

from fastst.training.schedule import learning_rate


def rate(step: int, progress: float) -> float:
    return learning_rate(step=step, progress=progress, peak=1.0, warm_up=9)


def test_warm_up_is_linear() -> None:
    assert [rate(step, 0.0) for step in (0, 4, 9, 20)] == pytest.approx([0.1, 0.5, 1.0, 1.0])


def test_cosine_falls_to_a_hundredth() -> None:
    # halfway the cosine is 1/2: 0.01 + 0.99 / 2
    assert [rate(100, share) for share in (0.5, 1.0, 1.7)] == pytest.approx([0.505, 0.01, 0.01])
