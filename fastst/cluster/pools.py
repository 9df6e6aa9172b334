"""A pool: the processes that work is spread over, on this machine or on a cluster."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from fastst.errors import FaststError, UsageError

# Items that are listed while others are worked on; it is called where they are needed, perhaps elsewhere.
Items = Callable[[], Iterator[Any]]


class Work(Protocol):
    """What is to be done with every item; it is sent to each process, so it has to be small."""

    def begin(self) -> Callable[[Any], Any]:
        """Make ready what is needed, once in each process; return what does one item.

        What that returns comes back from the pool. It may be called by several threads.
        """


class WorkerPool(Protocol):
    """Processes that do work."""

    @property
    def size(self) -> int:
        """How many items are worked on at a time."""

    @property
    def per_machine(self) -> int:
        """How many processes there are at most on one machine."""

    def results(
        self, work: Work, items: Items, *, together: int = 1, carefully: bool = False
    ) -> Iterator[Any]:
        """Yield what comes of the items, in any order, as it comes.

        Nothing comes of an item whose process dies: whoever asks counts, and asks again.

        Args:
            work: what to do.
            items: what to do it with, listed as it is needed.
            together: how many items are handed to a process at a time; more of them cost less each.
            carefully: one item at a time, so that one that kills its process takes no other with it.

        Raises:
            FaststError: what the work or the listing raises, and if processes die without an end.
        """


@dataclass(frozen=True)
class Broken:
    """What stands in the place of an item or a result where something was raised."""

    error: FaststError

    @classmethod
    def by(cls, error: Exception) -> "Broken":
        """Keep an error as it is, if it is one for the user."""
        if isinstance(error, FaststError):
            return cls(error)
        return cls(FaststError(f"unexpected: {type(error).__name__}: {error}"))


def listed(items: Items) -> Iterator[Any]:
    """Yield the items, and at last what ended them too early."""
    try:
        yield from items()
    except Exception as error:
        yield Broken.by(error)


def done(work: Callable[[Any], Any], item: Any) -> Any:
    """Return what comes of an item, or what was raised over it."""
    if isinstance(item, Broken):
        return item
    try:
        return work(item)
    except Exception as error:
        return Broken.by(error)


def unbroken(result: Any) -> Any:
    """Return a result; raise what stands in its place."""
    if isinstance(result, Broken):
        raise result.error
    return result


def open_pool(
    *, workers: int | None, cluster: str | None, device: str | None
) -> AbstractContextManager[WorkerPool]:
    """Return a pool for the time of a ``with`` block.

    Args:
        workers: processes on this machine.
        cluster: a Ray cluster's address instead; "auto" for the one that runs here, else one of this machine.
        device: where the work is going to run; "cpu" leaves the cluster's GPUs alone.

    Raises:
        UsageError: if both are given, the number is none, or Ray is not installed.
        FaststError: if the cluster does not answer.
    """
    if workers is not None and cluster is not None:
        raise UsageError("--workers is for this machine and --cluster for several; give one of them")
    if cluster is not None:
        from fastst.cluster.ray_pool import ray_pool

        return ray_pool(cluster, device=device)
    from fastst.cluster.processes import processes

    return processes(1 if workers is None else workers)
