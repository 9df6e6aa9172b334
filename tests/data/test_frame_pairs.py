import torch

from fastst.data.frame_pairs import filmed_again, move_each, random_motions


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


FRAMES = torch.rand(64, 3, 32, 40, generator=generator())


class TestMoveEach:
    def test_a_quarter_stands_still_and_shows_everything(self) -> None:
        motions = random_motions(64, generator=generator(1))
        moved, seen = move_each(FRAMES, motions)
        still = (moved - FRAMES).abs().amax(dim=(1, 2, 3)) < 1e-4
        assert 6 < int(still.sum()) < 28
        assert still.tolist() == [bool(torch.equal(motion, torch.eye(3).double())) for motion in motions]
        assert bool((seen[still] == 1).all())
        assert 0.8 < float(seen[~still].mean()) < 1

    def test_each_frame_has_its_own_motion_and_stays_in_range(self) -> None:
        same = FRAMES[:1].expand(64, -1, -1, -1)
        moved, _ = move_each(same, random_motions(64, generator=generator(2)))
        assert len({frame.sum().item() for frame in moved}) > 40
        assert moved.min() >= 0 and moved.max() <= 1

    def test_draws_repeat(self) -> None:
        first, second = (random_motions(5, generator=generator(7)) for _ in range(2))
        assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_filmed_again_changes_a_little_and_stays_in_range() -> None:
    again = filmed_again(FRAMES, generator=generator(3))
    assert again.min() >= 0 and again.max() <= 1
    change = (again - FRAMES).abs().mean(dim=(1, 2, 3))
    assert (change > 1e-3).all() and (change < 0.2).all()
    assert torch.equal(again, filmed_again(FRAMES, generator=generator(3)))
