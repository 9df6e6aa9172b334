import struct
from pathlib import Path

import numpy as np
import pytest

from fastst.errors import FaststError
from fastst.metrics.true_flow import read_flow


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
    with pytest.raises(FaststError, match="No such file"):
        read_flow(tmp_path / "none.flo")
