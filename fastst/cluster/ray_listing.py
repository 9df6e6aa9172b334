"""Items for Ray Data, listed while others are worked on."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow
from ray.data.block import BlockMetadata
from ray.data.datasource import Datasource, ReadTask


class Listing(Datasource):
    """One task that yields groups of packed items, a block each, as fast as they are taken.

    Args:
        groups: is called in that task, on one of the cluster's machines.
    """

    def __init__(self, groups: Callable[[], Iterable[list[bytes]]]) -> None:
        super().__init__()
        self._groups = groups

    def estimate_inmemory_data_size(self) -> int | None:
        """Nobody knows before it is listed."""
        return None

    def get_read_tasks(self, parallelism: int, *_: Any, **__: Any) -> list[ReadTask]:
        """Return the one task."""
        groups = self._groups

        def read() -> Iterator[pyarrow.Table]:
            for group in groups():
                yield pyarrow.table({"packed": group})

        unknown = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        return [ReadTask(read, unknown)]
