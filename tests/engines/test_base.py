import numpy as np
import pytest
import torch
from torch import Tensor

from fastst.engines import Engine


class Invert(Engine):
    """Inverts colors; overshoots if told to."""

    device = torch.device("cpu")

    def __init__(self, *, gain: float = 1.0, layout: torch.memory_format = torch.contiguous_format) -> None:
        self.gain, self.layout = gain, layout
        self.seen: list[Tensor] = []

    def run(self, batch: Tensor) -> Tensor:
        self.seen.append(batch)
        return (1 - batch) * self.gain


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_frame_goes_through_as_bytes(layout: torch.memory_format) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    engine = Invert(layout=layout)
    inverted = engine.frame(frame)
    np.testing.assert_array_equal(inverted, 255 - frame)
    assert inverted.dtype == np.uint8 and inverted.flags.c_contiguous
    (seen,) = engine.seen
    assert seen.shape == (1, 3, 7, 5) and seen.is_contiguous(memory_format=layout)
    torch.testing.assert_close(seen[0, :, 2, 3], torch.from_numpy(frame[2, 3]) / 255)


def test_a_frame_is_rounded_and_clamped() -> None:
    frame = np.array([[[255, 252, 0]]], dtype=np.uint8)
    # (0, 3, 255) · 1.5 = (0, 4.5, 382.5), and 4.5 rounds to the even 4
    assert Invert(gain=1.5).frame(frame).tolist() == [[[0, 4, 255]]]


@pytest.mark.parametrize("kind", ["read-only", "mirrored", "every other column"])
def test_frames_that_torch_would_refuse(kind: str) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    if kind == "read-only":
        frame.flags.writeable = False
    else:
        frame = frame[..., ::-1] if kind == "mirrored" else frame[:, ::2]
    before = frame.copy()
    np.testing.assert_array_equal(Invert().frame(frame), 255 - before)
    np.testing.assert_array_equal(frame, before)
