"""Work on a list of items that is known beforehand: each has a result in the end, or is lost for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastst.cluster.pools import Work, WorkerPool

# What is lost with a process is tried again by all at once, and then, for what may be deadly, one by one.
_TRIES = (False, False, True)


def results_of(
    pool: WorkerPool,
    work: Work,
    items: Sequence[Any],
    *,
    on_result: Callable[[Any], None] = lambda result: None,
) -> list[Any | None]:
    """Return what comes of all items, in their order; None for those that kill every process.

    Args:
        pool: who does it.
        work: what to do.
        items: with what.
        on_result: called with each result as it comes.

    Raises:
        FaststError: what the work raises.
    """
    found: dict[int, Any] = {}
    for carefully in _TRIES:
        left = [(number, item) for number, item in enumerate(items) if number not in found]
        if not left:
            break
        for number, result in pool.results(_Numbered(work), partial(iter, left), carefully=carefully):
            found[number] = result
            on_result(result)
    return [found.get(number) for number in range(len(items))]


@dataclass(frozen=True)
class _Numbered:
    """Work whose results keep the numbers of their items."""

    work: Work

    def begin(self) -> Callable[[tuple[int, Any]], tuple[int, Any]]:
        """Begin the work itself."""
        return partial(_with_number, self.work.begin())


def _with_number(do: Callable[[Any], Any], numbered: tuple[int, Any]) -> tuple[int, Any]:
    number, item = numbered
    return number, do(item)
