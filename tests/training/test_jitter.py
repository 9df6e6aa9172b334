import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fastst.training.jitter import jitter


def drawn(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(seed=st.integers(0, 500), amount=st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=30, deadline=None)
def test_both_pictures_are_moved_alike(seed: int, amount: float) -> None:
    picture = torch.rand(2, 3, 64, 80)
    stylised, photo = jitter(picture, picture.clone(), amount=amount, generator=drawn(seed))
    torch.testing.assert_close(stylised, photo)
    assert 64 * (1 - amount) - 9 <= stylised.shape[-2] <= 64 * (1 + amount) + 1


def test_without_rescaling_it_is_a_crop() -> None:
    picture = torch.arange(64 * 64.0).view(1, 1, 64, 64).expand(1, 3, 64, 64)
    tops = []
    for seed in range(64):
        seen, _ = jitter(picture, picture, amount=0.0, generator=drawn(seed))
        top, left = divmod(int(seen[0, 0, 0, 0]), 64)
        assert torch.equal(seen, picture[..., top:, left:])
        tops.append(top)
    assert set(tops) == set(range(9))
    assert 20 < tops.count(0) < 48


def test_draws_differ_and_repeat() -> None:
    picture = torch.rand(1, 3, 64, 64)
    once, again, other = (jitter(picture, picture, amount=0.1, generator=drawn(s))[0] for s in (1, 1, 2))
    assert torch.equal(once, again)
    assert once.shape != other.shape or not torch.equal(once, other)
