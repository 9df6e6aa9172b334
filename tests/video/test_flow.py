import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.video.flow import FlowFinder, agreement, away_from_boundaries, is_cut, lands_inside, warp


def texture(seed: int = 0) -> NDArray[np.uint8]:
    """Smooth random blobs, (96, 128, 3), with something to hold on to everywhere."""
    import cv2

    noise = np.random.default_rng(seed).normal(size=(96, 128, 3)).astype(np.float32)
    blobs = cv2.GaussianBlur(noise, (0, 0), 3)
    return np.clip(128 + 60 * blobs / blobs.std(), 0, 255).astype(np.uint8)


def uniform(x: float, y: float, shape: tuple[int, int] = (4, 6)) -> NDArray[np.float32]:
    return np.broadcast_to(np.float32([x, y]), (*shape, 2)).copy()


def test_warp_takes_what_the_flow_points_at() -> None:
    picture = np.arange(24, dtype=np.float32).reshape(4, 6)
    moved = warp(picture, uniform(1, 0))
    assert np.array_equal(moved[:, :-1], picture[:, 1:])
    assert np.array_equal(moved[:, -1], picture[:, -1])  # the border is repeated
    assert warp(picture, uniform(0.5, 0))[0, 0] == 0.5
    assert warp(picture, uniform(0, 1))[0, 0] == picture[1, 0]


def test_lands_inside_leaves_out_what_came_in_over_the_border() -> None:
    assert lands_inside(uniform(2, 0))[0].tolist() == [True, True, True, True, False, False]
    assert lands_inside(uniform(0, -1))[:, 0].tolist() == [False, True, True, True]


def test_flow_there_and_back_agrees_or_not() -> None:
    there = uniform(1, 0)
    assert agreement(there, uniform(-1, 0))[:, :-1].all()
    # |w + v|^2 = 1 > 0.01 (1 + 0) + 0.5
    assert not agreement(there, uniform(0, 0)).any()


def test_boundaries_of_motion_are_left_out() -> None:
    flow = np.zeros((4, 8, 2), np.float32)
    flow[:, 4:, 0] = 2
    assert away_from_boundaries(flow)[0].tolist() == [True, True, True, False, False, True, True, True]


@pytest.mark.parametrize("accurate", [False, True])
def test_a_shift_is_found(accurate: bool) -> None:
    picture = texture()
    shifted = np.roll(picture, (2, 5), axis=(0, 1))
    find = FlowFinder(accurate=accurate)
    flow = find(find.grey(shifted), find.grey(picture))
    assert np.abs(np.median(flow, axis=(0, 1)) - [-5, -2]).max() < 0.3


def test_flow_found_small_is_scaled_to_the_frame() -> None:
    find = FlowFinder(long_side=64)
    small = find.grey(texture())
    assert small.shape == (48, 64)
    assert np.allclose(find.scaled(uniform(1, 2, (48, 64)), 96, 128), [2, 4])


def test_a_cut_is_told_from_motion() -> None:
    find = FlowFinder()
    one, moved, other = (
        find.grey(picture) for picture in (texture(), np.roll(texture(), 3, axis=1), texture(1))
    )

    def seems_cut(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> bool:
        flow = find(now, before)
        return is_cut(now, warp(before, flow), agreement(flow, find(before, now)))

    assert not seems_cut(moved, one)
    assert seems_cut(other, one)
    assert seems_cut(np.full_like(one, 255), np.zeros_like(one))  # nothing to follow, but not alike
