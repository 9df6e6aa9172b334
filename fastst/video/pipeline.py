"""Three stages that overlap: one thread reads, the calling one works, one writes; bounded queues between."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_Item = TypeVar("_Item")
# How often a stage that waits looks whether the others are still there.
_WAKE_SECONDS = 0.1


def run_pipeline(
    items: Iterator[_In],
    work: Callable[[_In], _Out],
    write: Callable[[_Out], None],
    *,
    depth: int,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Read, work and write at the same time, in order; at most ``depth`` items wait before each stage.

    Args:
        items: read in a thread of its own, which also closes the iterator.
        work: called in the calling thread, as there Ctrl-C arrives.
        write: called in a thread of its own.
        depth: how many items may wait.
        should_stop: asked before each item; if true, what was read is dropped and what was worked on is
            still written.

    Returns:
        Whether it was stopped before the items were at their end.

    Raises:
        Exception: the first that any stage raised, when all have ended.
    """
    before: _Channel[_In] = _Channel(depth)
    after: _Channel[_Out] = _Channel(depth)
    reading = _Stage("reading", lambda: _read(items, before))
    writing = _Stage("writing", lambda: _write(after, write))
    reading.start()
    writing.start()
    stopped = False
    try:
        for item in before:
            if stopped := should_stop():
                break
            after.put(work(item))
        after.finish()
        writing.join()
    except _ClosedError:  # a stage has failed, and says below why
        pass
    finally:
        before.close()
        reading.join()
        after.close()
        writing.join()
    for stage in (writing, reading):
        if stage.error is not None:
            raise stage.error
    return stopped


class _ClosedError(Exception):
    """The stage at the other end has gone."""


@dataclass(frozen=True)
class _Held(Generic[_Item]):
    item: _Item


class _Channel(Generic[_Item]):
    """A bounded queue that ends: in order by ``finish``, at once by ``close``."""

    def __init__(self, depth: int) -> None:
        self._queue: queue.Queue[_Held[_Item] | None] = queue.Queue(depth)
        self._closed = threading.Event()

    def put(self, item: _Item) -> None:
        self._put(_Held(item))

    def finish(self) -> None:
        self._put(None)

    def close(self) -> None:
        self._closed.set()

    def _put(self, held: _Held[_Item] | None) -> None:
        while not self._closed.is_set():
            try:
                return self._queue.put(held, timeout=_WAKE_SECONDS)
            except queue.Full:
                continue
        raise _ClosedError

    def __iter__(self) -> Iterator[_Item]:
        while not self._closed.is_set():
            try:
                held = self._queue.get(timeout=_WAKE_SECONDS)
            except queue.Empty:
                continue
            if held is None:
                return
            yield held.item
        raise _ClosedError


class _Stage:
    """A thread that keeps the exception it ended with."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._run = run
        self._thread = threading.Thread(target=self._keep_error, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _keep_error(self) -> None:
        try:
            self._run()
        except _ClosedError:
            return
        except BaseException as error:
            self.error = error


def _read(items: Iterator[_In], before: _Channel[_In]) -> None:
    try:
        for item in items:
            before.put(item)
        before.finish()
    except BaseException:
        before.close()
        raise


def _write(after: _Channel[_Out], write: Callable[[_Out], None]) -> None:
    try:
        for item in after:
            write(item)
    except BaseException:
        after.close()
        raise
