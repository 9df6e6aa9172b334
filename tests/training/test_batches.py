from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from fastst.training.batches import content_batches


class Numbered(Dataset[Tensor]):
    """Picture i is filled with i."""

    def __len__(self) -> int:
        return 24

    def __getitem__(self, index: int) -> Tensor:
        return torch.full((3, 2, 2), float(index))


class Stream(IterableDataset[Tensor]):
    """The same pictures one after another."""

    def __iter__(self) -> Iterator[Tensor]:
        return iter([Numbered()[index] for index in range(24)])


def numbers(
    *, start: int, process: int, processes: int, dataset: Dataset[Tensor] | None = None
) -> list[list[float]]:
    dataset = Numbered() if dataset is None else dataset
    batches = content_batches(
        dataset,
        batch=3,
        batches_before=start,
        process=process,
        processes=processes,
        device=torch.device("cpu"),
    )
    return [batch[:, 0, 0, 0].tolist() for batch in batches]


def test_batches_follow_the_index() -> None:
    assert numbers(start=0, process=0, processes=1)[:2] == [[0, 1, 2], [3, 4, 5]]


def test_a_later_start_continues_where_it_left_off() -> None:
    assert numbers(start=3, process=0, processes=1) == numbers(start=0, process=0, processes=1)[3:]


def test_processes_share_the_pictures() -> None:
    first, second = (numbers(start=1, process=process, processes=2) for process in (0, 1))
    assert (first[0], second[0], first[1]) == ([6, 7, 8], [9, 10, 11], [12, 13, 14])


def test_a_stream_is_a_processs_own() -> None:
    assert numbers(start=0, process=1, processes=2, dataset=Stream())[:2] == [[0, 1, 2], [3, 4, 5]]
