"""The training's batches, in an order that depends on the step alone."""

import os
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset


def content_batches(
    dataset: Dataset[Tensor],
    *,
    batch: int,
    batches_before: int,
    process: int,
    processes: int,
    device: torch.device,
) -> Iterator[Tensor]:
    """Yield batches (batch, 3, H, W), RGB in [0, 1], on the device.

    Args:
        dataset: indexable, and the same in every process; or an iterable one, which has this process's
            samples alone, and begins at the right one.
        batch: pictures a batch and process.
        batches_before: how many every process has had before.
        process: this process's number; of what is indexable each takes every ``processes``-th batch.
        processes: how many there are.
        device: where the network is.
    """
    # On a CPU the workers would take the cores that the network needs.
    workers = min(8, os.cpu_count() or 1) if device.type != "cpu" else 0
    loader: Iterable[Tensor]
    if isinstance(dataset, IterableDataset):
        loader = DataLoader(dataset, batch_size=batch, num_workers=min(1, workers))
    else:
        first, stride = (batches_before * processes + process) * batch, processes * batch
        indices = _batch_indices(range(first, len(dataset), stride), batch=batch)  # type: ignore[arg-type]
        loader = DataLoader(
            dataset, batch_sampler=indices, num_workers=workers, pin_memory=device.type == "cuda"
        )
    for pictures in loader:
        yield pictures.to(device, non_blocking=True, memory_format=torch.channels_last)


def _batch_indices(starts: range, *, batch: int) -> Iterator[list[int]]:
    for start in starts:
        yield list(range(start, start + batch))
