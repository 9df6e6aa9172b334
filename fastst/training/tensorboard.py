"""Training figures for TensorBoard."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from fastst.errors import UsageError
from fastst.training.trainer import StepReport

_OnStep = Callable[[StepReport], None]


@contextmanager
def logged_to(folder: Path | None, on_step: _OnStep) -> Iterator[_OnStep]:
    """Yield a step callback that calls ``on_step`` and also logs to the folder, if there is one.

    Raises:
        UsageError: if TensorBoard is not installed.
    """
    if folder is None:
        yield on_step
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError('TensorBoard is not installed: pip install "fastst[tensorboard]"') from error
    with ExitStack() as stack:

        @cache
        def writer() -> SummaryWriter:
            # Made at the first report: of several processes, one reports.
            return stack.enter_context(SummaryWriter(folder))

        def log(report: StepReport) -> None:
            on_step(report)
            for name, value in report.terms.items():
                writer().add_scalar(f"loss/{name}", value, report.step)
            writer().add_scalar("images per second", report.images_per_second, report.step)

        yield log
