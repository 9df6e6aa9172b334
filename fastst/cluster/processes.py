"""A pool of processes on this machine, of one thread each."""

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from typing import Any

from fastst.cluster.pools import Items, Work, done, listed, unbroken
from fastst.errors import FaststError, UsageError

_MOST_WORKERS = 1024
# In a row, without any result in between.
_MOST_DEATHS = 5
_LOOK_SECONDS = 0.5
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

# In a worker: what does one item.
_work: Callable[[Any], Any]


@contextmanager
def processes(workers: int) -> Iterator["Processes"]:
    """Yield a pool of so many processes.

    Raises:
        UsageError: if the number is none.
    """
    if not 1 <= workers <= _MOST_WORKERS:
        raise UsageError(f"--workers is {workers}; give 1 to {_MOST_WORKERS}, at best the number of cores")
    yield Processes(workers)


class Processes:
    """A pool on this machine; see ``WorkerPool``.

    They are started afresh, not forked: a fork of a process whose threads run can hang.
    """

    def __init__(self, workers: int) -> None:
        self.size = self.per_machine = workers

    def results(
        self, work: Work, items: Items, *, together: int = 1, carefully: bool = False
    ) -> Iterator[Any]:
        """Yield what comes of the items; see ``WorkerPool``."""
        left = listed(items)
        deaths = 0
        workers = 1 if carefully else self.size
        while True:
            try:
                for result in _until_a_death(work, left, workers=workers, ahead=0 if carefully else workers):
                    deaths = 0
                    yield unbroken(result)
                return
            except BrokenProcessPool as error:
                deaths += 1
                if deaths == _MOST_DEATHS:
                    raise FaststError(
                        f"the last {deaths} worker processes died without having done anything; there may be "
                        "too little memory: give fewer --workers, or a smaller --size"
                    ) from error


def _until_a_death(work: Work, items: Iterator[Any], *, workers: int, ahead: int) -> Iterator[Any]:
    """Yield results until the items are at their end, or a process dies."""
    context = get_context("spawn")
    stop = context.Event()
    with _one_thread_each():
        executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work, stop))
        waiting = {executor.submit(_do, item) for item in itertools.islice(items, workers + ahead)}
    try:
        while waiting:
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from _results(finished)
            with _one_thread_each():  # it may start a process only now
                waiting |= {executor.submit(_do, item) for item in itertools.islice(items, len(finished))}
    except BaseException:
        # An item may take hours; what is written is whole, and trainings have saved their states.
        stop.set()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _results(finished: set[Future[Any]]) -> Iterator[Any]:
    """Yield the results of all that have one, before the death of others is told."""
    dead = [future for future in finished if future.exception() is not None]
    for future in finished.difference(dead):
        yield future.result()
    for future in dead:
        future.result()


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that are started meanwhile have one thread for arithmetic, read once, on import."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin(work: Work, stop: Event) -> None:
    global _work
    # The whole group gets Ctrl-C; the first process decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_first, args=(stop,), daemon=True).start()
    _work = _begun_once(work)


def _begun_once(work: Work) -> Callable[[Any], Any]:
    """Return what begins the work with the first item, whose result tells what is raised then."""
    begun: list[Callable[[Any], Any]] = []

    def do(item: Any) -> Any:
        if not begun:
            import torch

            torch.set_num_threads(1)
            begun.append(work.begin())
        return begun[0](item)

    return do


def _do(item: Any) -> Any:
    return done(_work, item)


def _end_with_the_first(stop: Event) -> None:
    first = parent_process()
    while first is not None and first.is_alive() and not stop.wait(_LOOK_SECONDS):
        pass
    os._exit(1)
