"""Real processes on this machine: each takes some seconds to start."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fastst.cluster.processes import processes
from fastst.errors import FaststError, UsageError

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Double:
    """Doubles numbers, each noted in a folder with its process; some kill theirs."""

    notes: Path
    deadly: tuple[int, ...] = ()
    deadly_once: tuple[int, ...] = ()

    def begin(self) -> Callable[[Any], Any]:
        return self._double

    def _double(self, number: int) -> int:
        if number < 0:
            raise FaststError(f"{number}: is below 0")
        met = self.notes / f"{number}-met"
        if number in self.deadly or (number in self.deadly_once and not met.exists()):
            met.touch()
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGKILL)
        (self.notes / f"{number}-by-{os.getpid()}").touch()
        return 2 * number


def test_several_processes_do_the_work(tmp_path: Path) -> None:
    with processes(2) as pool:
        doubled = sorted(pool.results(Double(tmp_path), partial(iter, range(40))))
    assert doubled == list(range(0, 80, 2))
    by = {file.name.partition("-by-")[2] for file in tmp_path.iterdir()}
    assert len(by) == 2 and str(os.getpid()) not in by


def test_a_death_loses_what_was_waiting_and_the_rest_goes_on(tmp_path: Path) -> None:
    with processes(2) as pool:
        doubled = sorted(pool.results(Double(tmp_path, deadly_once=(5,)), partial(iter, range(40))))
    assert 36 <= len(doubled) < 40 and 10 not in doubled


def test_one_by_one_a_deadly_item_takes_no_other_with_it(tmp_path: Path) -> None:
    with processes(2) as pool:
        work = Double(tmp_path, deadly=(1, 3))
        doubled = list(pool.results(work, partial(iter, range(5)), carefully=True))
    assert doubled == [0, 4, 8]


def test_what_the_work_raises_ends_it(tmp_path: Path) -> None:
    with processes(1) as pool, pytest.raises(FaststError, match="-1: is below 0"):
        list(pool.results(Double(tmp_path), partial(iter, [1, -1])))


def test_deaths_without_an_end_are_said(tmp_path: Path) -> None:
    with processes(1) as pool, pytest.raises(FaststError, match="the last 5 worker processes died"):
        list(pool.results(Double(tmp_path, deadly=tuple(range(99))), partial(iter, range(99))))


def test_they_end_with_the_first(tmp_path: Path) -> None:
    with processes(1) as pool:
        results = pool.results(Double(tmp_path), partial(iter, range(9)))
        next(results)
        results.close()
    [worker] = {int(file.name.partition("-by-")[2]) for file in tmp_path.iterdir()}
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="--workers is 0; give 1 to 1024"), processes(0):
        pass
