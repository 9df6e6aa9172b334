import torch

from fastst.data.motion import Motion, filmed_again, random_motion


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class TestRandomMotion:
    def test_a_quarter_stands_still_and_shows_everything(self) -> None:
        frames = torch.rand(400, 1, 8, 12, generator=generator())
        motion = random_motion(400, 8, 12, generator=generator())
        moved = motion.move(frames)
        still = (moved - frames).abs().amax(dim=(1, 2, 3)) < 1e-4
        assert 70 < int(still.sum()) < 130
        assert bool(motion.seen[still].all())

    def test_moves_by_a_few_percent_and_keeps_most_in_view(self) -> None:
        motion = random_motion(200, 64, 64, generator=generator(1))
        assert motion.seen.mean() > 0.85
        rows, columns = torch.meshgrid(torch.linspace(-1, 1, 64), torch.linspace(-1, 1, 64), indexing="ij")
        moved_by = (motion.sources - torch.stack([columns, rows], dim=-1)).abs()
        assert 0.02 < moved_by.mean() < 0.08
        assert moved_by.max() < 0.4

    def test_a_turn_keeps_a_disc_round_in_a_wide_frame(self) -> None:
        """The matrix works in shares of the sides, which differ; a circle must not become an ellipse."""
        rows, columns = torch.meshgrid(torch.arange(100.0), torch.arange(200.0), indexing="ij")
        disc = (((rows - 50) ** 2 + (columns - 100) ** 2) < 900).float()[None, None]
        for seed in range(20):
            moved = random_motion(1, 100, 200, generator=generator(seed)).move(disc)[0, 0] > 0.5
            height, width = (int(moved.any(dim=dim).sum()) for dim in (1, 0))
            assert abs(height - width) <= 4

    def test_draws_repeat(self) -> None:
        first, second = (random_motion(3, 16, 16, generator=generator(7)).sources for _ in range(2))
        assert torch.equal(first, second)


def test_a_known_shift() -> None:
    """Each pixel of the second frame comes from its right neighbour; the last column was not seen."""
    frame = torch.arange(8.0).view(1, 1, 1, 8).expand(1, 1, 4, 8)
    ys, xs = torch.meshgrid(
        (2 * torch.arange(4.0) + 1) / 4 - 1, (2 * torch.arange(8.0) + 1) / 8 - 1, indexing="ij"
    )
    motion = Motion(torch.stack([xs + 2 / 8, ys], dim=-1)[None])
    torch.testing.assert_close(motion.move(frame)[0, 0, 0, :7], torch.arange(1.0, 8.0))
    assert motion.seen[0, 0, 0].tolist() == [1.0] * 7 + [0.0]


def test_filmed_again_changes_a_little_and_stays_in_range() -> None:
    frames = torch.rand(8, 3, 32, 32, generator=generator(2))
    again = filmed_again(frames, generator=generator(3))
    assert again.min() >= 0 and again.max() <= 1
    change = (again - frames).abs().mean(dim=(1, 2, 3))
    assert (change > 1e-3).all() and (change < 0.2).all()
    assert torch.equal(again, filmed_again(frames, generator=generator(3)))
