"""A pool that is this process, and can lose what it is told to."""

from collections.abc import Callable, Iterator
from typing import Any

from fastst.cluster.pools import Items, Work, done, listed, unbroken


class Here:
    """Does the work in order; ``loses`` says of each item whether its process dies.

    Attributes:
        calls: of each pass, the number of items that came.
    """

    size = per_machine = 1

    def __init__(self, loses: Callable[[int, Any], bool] = lambda number, item: False) -> None:
        self._loses = loses
        self.calls: list[int] = []

    def results(
        self, work: Work, items: Items, *, together: int = 1, carefully: bool = False
    ) -> Iterator[Any]:
        do, number = work.begin(), len(self.calls)
        self.calls.append(0)
        for item in listed(items):
            self.calls[-1] += 1
            if not self._loses(number, item):
                yield unbroken(done(do, item))
