"""How many photos a folder holds, counted while they are painted."""

import threading

from fastst.cluster.folders import Folder


class Counting:
    """A count that is known a while after it is begun.

    Args:
        source: whose photos are counted.
        target: that is no part of it.
    """

    def __init__(self, source: Folder, target: Folder) -> None:
        self._source = source
        self._target = target
        self._total: int | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    @property
    def total(self) -> int | None:
        """How many there are; None until that is known."""
        return self._total

    def finished(self) -> int:
        """Wait for the end, and return how many there are.

        Raises:
            FaststError: if the source cannot be listed.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._total is not None
        return self._total

    def _count(self) -> None:
        try:
            folders = self._source.pictures(without=self._target, on_unlisted=lambda *_: None)
            self._total = sum(len(names) for _, names in folders)
        except Exception as error:
            self._error = error
