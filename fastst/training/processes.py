"""Several processes that train one style: what each draws, and how the others end when one dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from accelerate import Accelerator

from fastst.errors import FaststError

# A process that does not answer for so long is taken for dead. Each waits for the slowest only, so that long
# steps are no reason; that one alone writes a preview is.
_ANSWER = timedelta(seconds=40)
# What the libraries under torch say where another process has gone or does not answer.
_LOST = ("gloo", "nccl", "connection closed", "connection reset", "timed out", "timeout", "broken pipe")


@dataclass(frozen=True)
class Share:
    """Which of a step's pictures a process has: they are drawn for as if one process had them all.

    Attributes:
        first: the number of its first.
        total: how many all processes have together.
    """

    first: int
    total: int

    @classmethod
    def of(cls, accelerator: Accelerator, batch: int) -> "Share":
        """Return this process's share, each having so many pictures."""
        return cls(accelerator.process_index * batch, accelerator.num_processes * batch)


def wait_no_longer_than_a_minute(accelerator: Accelerator) -> None:
    """Let all begin together, and from then on take a process that does not answer for dead.

    Before, one may have to download for minutes.
    """
    if accelerator.num_processes == 1:
        return
    accelerator.wait_for_everyone()
    # torch has no public name for it; TorchTitan does the same after its first step.
    torch.distributed.distributed_c10d._set_pg_timeout(_ANSWER)


@contextmanager
def naming_a_loss(accelerator: Accelerator, state: Path) -> Iterator[None]:
    """Turn what is raised when another process has died into one line that says how to go on.

    Raises:
        FaststError: in its place.
    """
    try:
        yield
    except RuntimeError as error:
        said = str(error).lower()
        if accelerator.num_processes == 1 or not any(sign in said for sign in _LOST):
            raise
        raise FaststError(
            "another process of this training has died or does not answer; the last saved state is in "
            f"{state}: run the same command with --resume to continue"
        ) from error


def mean_over_processes(accelerator: Accelerator, means: dict[str, float]) -> dict[str, float]:
    """Return the means over the pictures of all processes, of which each has as many."""
    if accelerator.num_processes == 1:
        return means
    own = torch.tensor([list(means.values())], device=accelerator.device)
    return dict(zip(means, accelerator.gather(own).mean(dim=0).tolist(), strict=True))
