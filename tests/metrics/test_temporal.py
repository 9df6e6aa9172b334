import math

import numpy as np
import pytest

from fastst.metrics.temporal import Spread, SquaredErrors, mean_change, warping_errors


def test_warping_errors_by_hand() -> None:
    now = np.zeros((2, 2, 3), np.uint8)
    warped = np.zeros((2, 2, 3), np.uint8)
    warped[0, 0] = (51, 0, 0)  # 0.2
    warped[1, 1] = 255  # outside the mask
    mask = np.array([[True, True], [False, False]])
    errors = warping_errors(now, warped, mask)
    assert errors.count == 6
    assert errors.total == pytest.approx(0.04)
    assert errors.root_mean == pytest.approx(math.sqrt(0.04 / 6))


def test_errors_of_a_clip_are_those_of_all_its_pixels() -> None:
    together = SquaredErrors(1.0, 4) + SquaredErrors(3.0, 12)
    assert together.root_mean == 0.5
    assert math.isnan(SquaredErrors().root_mean)


def test_mean_change_by_hand() -> None:
    one, other = np.zeros((1, 2, 3), np.uint8), np.array([[[51, 0, 0], [255, 255, 255]]], np.uint8)
    assert mean_change(one, other, np.array([[True, False]])) == pytest.approx(0.2 / 3)
    assert mean_change(one, other, np.array([[True, True]])) == pytest.approx((0.2 + 3) / 6)
    assert math.isnan(mean_change(one, other, np.array([[False, False]])))


def test_spread_is_the_standard_deviation() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (20, 3, 4), dtype=np.uint8)
    spread = Spread()
    for plane in planes:
        spread.add(plane)
    assert np.allclose(spread.deviation, planes.std(axis=0))
