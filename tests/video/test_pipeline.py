import threading
from collections.abc import Iterator

import pytest

from fastst.video.pipeline import run_pipeline


def test_everything_in_order() -> None:
    written: list[int] = []
    stopped = run_pipeline(iter(range(100)), lambda item: item * item, written.append, depth=3)
    assert written == [item * item for item in range(100)]
    assert not stopped


def test_no_more_is_read_than_may_wait() -> None:
    read = 0
    most_ahead = 0
    worked = 0

    def items() -> Iterator[int]:
        nonlocal read
        for item in range(50):
            read += 1
            yield item

    def work(item: int) -> int:
        nonlocal most_ahead, worked
        threading.Event().wait(0.002)
        most_ahead = max(most_ahead, read - worked)
        worked += 1
        return item

    run_pipeline(items(), work, lambda item: None, depth=4)
    # Those that wait, the one at work, and the one that the reader holds.
    assert most_ahead <= 4 + 2


def test_what_was_worked_on_before_a_stop_is_written() -> None:
    written: list[int] = []
    worked: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        return item

    endless = iter(int, 1)
    stopped = run_pipeline(endless, work, written.append, depth=2, should_stop=lambda: len(worked) == 5)
    assert stopped
    assert written == worked == [0] * 5


class TestFailures:
    def fail(self, item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    def test_of_the_reader(self) -> None:
        with pytest.raises(ValueError, match="three"):
            run_pipeline(map(self.fail, range(9)), lambda item: item, lambda item: None, depth=2)

    def test_of_the_work(self) -> None:
        with pytest.raises(ValueError, match="three"):
            run_pipeline(iter(int, 1), lambda item: self.fail(3), lambda item: None, depth=2)

    def test_of_the_writer_while_the_reader_has_no_end(self) -> None:
        with pytest.raises(ValueError, match="three"):
            run_pipeline(iter(int, 1), lambda item: 3, self.fail, depth=2)  # type: ignore[arg-type]

    def test_no_thread_is_left(self) -> None:
        before = threading.active_count()
        with pytest.raises(ValueError, match="three"):
            run_pipeline(iter(int, 1), lambda item: 3, self.fail, depth=2)  # type: ignore[arg-type]
        assert threading.active_count() == before
