"""The loop with a slow network and a fast source; times are written into the pictures and read back."""

import threading
import time

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from fastst.live.loop import WorkingSize

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.live.loop import Controls, LiveLoop, Shown
from fastst.live.shelf import StyleShelf
from fastst.live.sources import Capture
from fastst.stylize.stylizer import Stylizer

BITS = 24


class Clock:
    """A source of 100 pictures a second, each with its time in milliseconds as black and white bars."""

    width, height, fps = 8 * BITS, 16, 100.0

    def __init__(self, count: int) -> None:
        self.began = time.monotonic()
        self._left = count

    def now(self) -> int:
        return int(1000 * (time.monotonic() - self.began))

    def read(self) -> NDArray[np.uint8] | None:
        if self._left == 0:
            return None
        self._left -= 1
        time.sleep(0.01)
        bits = [(self.now() >> bit) & 1 for bit in range(BITS)]
        return np.tile(np.repeat(np.uint8(bits) * 255, 8)[None, :, None], (16, 1, 3))

    def close(self) -> None:
        pass


def written_time(picture: NDArray[np.uint8]) -> int:
    bars = picture[8, 4::8, 0] > 127
    return sum(1 << bit for bit, is_white in enumerate(bars) if is_white)


class Slow(nn.Module):
    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        time.sleep(0.05)
        return batch


class Screen:
    def __init__(self, clock: Clock) -> None:
        self.delays: list[int] = []
        self.times: list[int] = []
        self._clock = clock

    def show(self, shown: Shown) -> None:
        self.times.append(written_time(shown.rgb))
        self.delays.append(self._clock.now() - self.times[-1])


def test_the_delay_stays_that_of_a_frame_or_two_however_slow_the_network() -> None:
    clock = Clock(count=150)
    screen = Screen(clock)
    shelf = StyleShelf(["slow"], lambda name: Stylizer(Slow(), {}, device="cpu"))
    capture = Capture(clock)
    loop = LiveLoop(capture, shelf, WorkingSize(longest=192, fixed=192), Controls(), [screen])
    report = loop.run(lambda: False)
    capture.close()
    # Pictures come for 1.5 s or more, five times as fast as they are painted. A queue of them would end
    # more than a second behind.
    assert np.median(screen.delays) < 250
    assert screen.times == sorted(set(screen.times))
    assert report.frames == len(screen.times)
    assert report.frames + report.dropped == 150
    assert report.dropped > report.frames
    assert report.latency_ms_median == pytest.approx(np.median(screen.delays), abs=20)


def test_the_network_works_at_the_working_size_and_the_picture_has_the_sources() -> None:
    seen: list[tuple[int, ...]] = []

    class Watcher(nn.Module):
        def forward(self, batch: torch.Tensor) -> torch.Tensor:
            seen.append(tuple(batch.shape))
            return 1 - batch

    clock = Clock(count=3)
    shown: list[Shown] = []

    class Keep:
        def show(self, picture: Shown) -> None:
            shown.append(picture)

    shelf = StyleShelf(["watcher"], lambda name: Stylizer(Watcher(), {}, device="cpu"))
    capture = Capture(clock)
    controls = Controls(strength=0.5)
    report = LiveLoop(capture, shelf, WorkingSize(longest=192, fixed=96), controls, [Keep()]).run(
        lambda: False
    )
    assert (report.width, report.height) == (96, 8)
    assert seen[-1][-1] == 96
    assert shown[-1].rgb.shape == (16, 192, 3)
    assert np.abs(shown[-1].rgb.astype(int) - 128).max() <= 2  # half the picture, half its negative


def test_the_next_picture_is_painted_while_one_is_shown() -> None:
    threads: list[threading.Thread] = []

    class Window:
        def show(self, shown: Shown) -> None:
            threads.append(threading.current_thread())
            time.sleep(0.05)

    shelf = StyleShelf(["slow"], lambda name: Stylizer(Slow(), {}, device="cpu"))
    capture = Capture(Clock(count=150))
    loop = LiveLoop(capture, shelf, WorkingSize(longest=192, fixed=192), Controls(), [Window()])
    report = loop.run(lambda: len(threads) == 12)
    capture.close()
    # Both take 50 ms: one after the other would hold 10 a second.
    assert report.fps > 12
    assert set(threads) == {threading.main_thread()}


def test_it_can_be_stopped_while_no_picture_comes() -> None:
    class Hanging(Clock):
        def read(self) -> NDArray[np.uint8] | None:
            time.sleep(1)
            return super().read()

    shelf = StyleShelf(["slow"], lambda name: Stylizer(Slow(), {}, device="cpu"))
    capture = Capture(Hanging(count=1))
    loop = LiveLoop(capture, shelf, WorkingSize(longest=192, fixed=192), Controls(), [])
    asked: list[float] = []

    def has_been_asked_twice() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 2

    assert loop.run(has_been_asked_twice).frames == 0
    capture.close()


def settle(size: WorkingSize, cost: float, *, fixed_cost: float = 0.0) -> int:
    """Let it settle on a machine that takes ``cost`` seconds for a million pixels of a 4:3 picture."""
    for _ in range(200):
        if size.is_settled:
            return size.side
        size.observe(fixed_cost + cost * size.side * size.side * 0.75 / 1e6)
    raise AssertionError("it does not settle")


@pytest.mark.parametrize("cost", [0.05, 0.2, 1.0, 3.0])
@pytest.mark.parametrize("fixed_cost", [0.0, 0.004])
def test_the_largest_side_that_holds_the_rate(cost: float, fixed_cost: float) -> None:
    side = settle(WorkingSize(longest=4000, fps=30), cost, fixed_cost=fixed_cost)
    budget = 0.85 / 30

    def seconds(side: int) -> float:
        return fixed_cost + cost * side * side * 0.75 / 1e6

    assert seconds(side) <= budget
    assert seconds(side + 48) > budget


def test_never_larger_than_the_source() -> None:
    assert settle(WorkingSize(longest=640, fps=30), 0.001) == 640


def test_a_machine_that_cannot_do_it_gets_the_smallest() -> None:
    assert settle(WorkingSize(longest=640, fps=30), 50.0) == 96


def test_one_slow_frame_decides_nothing() -> None:
    size = WorkingSize(longest=256, fps=30)
    for seconds in (0.5, 0.01, 0.01, 0.5, 0.01, 0.01):
        size.observe(seconds)
    assert size.is_settled and size.side == 256


def test_a_fixed_side_stays() -> None:
    size = WorkingSize(longest=640, fixed=300)
    size.observe(10.0)
    assert size.is_settled and size.side == 300
