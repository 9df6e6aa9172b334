import math
import struct
from pathlib import Path

import numpy as np
import pytest

from fastst.errors import FaststError
from fastst.evaluation.metrics.temporal import Spread, SquaredErrors, mean_change, read_flow, warping_errors


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


def flow_bytes(values: list[float], width: int, height: int) -> bytes:
    return b"PIEH" + struct.pack("<ii", width, height) + struct.pack(f"<{len(values)}f", *values)


def test_values_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "a.flo"
    path.write_bytes(flow_bytes([1, 2, 3, 4, 1.7e9, 1.7e9, -5, 6], 2, 2))
    flow = read_flow(path)
    assert flow[0].tolist() == [[1, 2], [3, 4]]
    assert np.isnan(flow[1, 0]).all()
    assert flow[1, 1].tolist() == [-5, 6]


@pytest.mark.parametrize(
    "data", [b"", b"PIE", b"JPEG" + bytes(40), flow_bytes([1, 2], 2, 2), flow_bytes([], -1, -1)]
)
def test_what_is_no_flow(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.flo"
    path.write_bytes(data)
    with pytest.raises(FaststError, match=r"a\.flo: is"):
        read_flow(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FaststError, match="no such file"):
        read_flow(tmp_path / "none.flo")
