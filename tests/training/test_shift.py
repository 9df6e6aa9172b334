import torch

from fastst.training.shift import random_shift


def test_half_keeps_each_border_and_the_rest_moves_by_up_to_seven() -> None:
    generator = torch.Generator().manual_seed(0)
    shifts = [tuple(cut.start for cut in random_shift(generator)) for _ in range(2000)]
    for cuts in zip(*shifts, strict=True):
        assert set(cuts) == set(range(8))
        assert 0.5 < sum(cut == 0 for cut in cuts) / len(cuts) < 0.62  # 8 of 16, and 1 of 16 rounded down


def test_the_same_generator_draws_the_same() -> None:
    first, second = (random_shift(torch.Generator().manual_seed(5)) for _ in range(2))
    assert first == second
