import math

import torch

from fastst.data.motion import MotionRange, move, random_motion

STILL = torch.eye(3, dtype=torch.float64)


def ramp() -> torch.Tensor:
    """(1, 1, 20, 40), a brightness that is 0.01 times the column plus 0.02 times the row."""
    rows, columns = torch.meshgrid(torch.arange(20.0), torch.arange(40.0), indexing="ij")
    return (0.01 * columns + 0.02 * rows)[None, None]


def test_no_motion_changes_nothing() -> None:
    moved, seen = move(ramp(), STILL)
    assert torch.allclose(moved, ramp(), atol=1e-6)
    assert seen.min() == 1


def test_a_shift_by_whole_pixels() -> None:
    motion = STILL.clone()
    motion[0, 2] = 3 / 10  # half the short side is 10 px
    moved, seen = move(ramp(), motion)
    assert torch.allclose(moved[..., :-5], ramp()[..., 3:-2], atol=1e-5)
    assert seen[0, 0, 0].tolist() == [1.0] * 37 + [0.0] * 3


def test_a_quarter_turn_keeps_distances_in_pixels() -> None:
    quarter = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]], dtype=torch.float64)
    moved, _ = move(ramp(), quarter)
    # The point 3 px right of the middle now shows the one 3 px below it.
    assert math.isclose(float(moved[0, 0, 10, 23]), float(ramp()[0, 0, 13, 19]), abs_tol=1e-4)


def test_motions_stay_within_their_range_and_follow_the_seed() -> None:
    generator = torch.Generator().manual_seed(0)
    reach = MotionRange(shift=0.1, zoom=0, degrees=0, perspective=0)
    motions = torch.stack([random_motion(generator, reach) for _ in range(50)])
    assert motions[:, 0, 2].abs().max() <= 0.2
    assert motions[:, 0, 2].std() > 0.05
    assert torch.equal(motions[:, :2, :2], torch.eye(2, dtype=torch.float64).expand(50, 2, 2))
    again = random_motion(torch.Generator().manual_seed(0), reach)
    assert torch.equal(again, motions[0])


def test_it_can_be_trained_through() -> None:
    picture = ramp().requires_grad_()
    moved, _ = move(picture, random_motion(torch.Generator().manual_seed(1)))
    moved.sum().backward()
    assert picture.grad is not None and picture.grad.abs().sum() > 0
