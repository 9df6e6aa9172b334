import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from fastst.live.sources import Capture


class Scripted:
    """A source whose pictures come when the test says so."""

    width, height, fps = 2, 1, 30.0

    def __init__(self, count: int) -> None:
        self.allowed = threading.Semaphore(0)
        self.closed = False
        self._pictures = [np.full((1, 2, 3), number, np.uint8) for number in range(count)]

    def read(self) -> NDArray[np.uint8] | None:
        self.allowed.acquire()
        return self._pictures.pop(0) if self._pictures else None

    def close(self) -> None:
        self.closed = True


def let(source: Scripted, pictures: int) -> None:
    """Let so many reads happen, and give the thread time for them."""
    for _ in range(pictures):
        source.allowed.release()
    time.sleep(0.1)


def test_the_newest_picture_wins_and_the_others_are_counted() -> None:
    source = Scripted(5)
    capture = Capture(source)
    let(source, 3)
    taken = capture.take(1)
    assert taken is not None and taken.rgb[0, 0, 0] == 2
    assert capture.dropped == 2
    let(source, 1)
    again = capture.take(1)
    assert again is not None and again.rgb[0, 0, 0] == 3 and again.at > taken.at
    assert capture.dropped == 2
    let(source, 2)
    capture.close()
    assert source.closed


def test_no_picture_is_given_twice() -> None:
    source = Scripted(1)
    capture = Capture(source)
    let(source, 1)
    assert capture.take(1) is not None
    assert capture.take(0.02) is None
    assert not capture.has_ended
    let(source, 1)
    assert capture.has_ended


def test_the_last_picture_is_still_given_after_the_end() -> None:
    source = Scripted(1)
    capture = Capture(source)
    let(source, 2)
    assert not capture.has_ended
    assert capture.take(1) is not None
    assert capture.has_ended


def test_what_the_source_raises_arrives() -> None:
    class Broken(Scripted):
        def read(self) -> NDArray[np.uint8] | None:
            raise ValueError("unplugged")

    with pytest.raises(ValueError, match="unplugged"):
        Capture(Broken(0)).take(1)
