"""Trainings that the page asked for: one at a time, the rest wait; each becomes an own style."""

import os
import re
import secrets
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from fastst.errors import FaststError, UsageError
from fastst.networks.own_styles import add_style, own_style_path
from fastst.stylize.stylizer import pick_device
from fastst.temporaries import temporary_folder
from fastst.training.monitor import StepReport

# A training on the page ends by the clock.
_STEPS = 1_000_000
# Steps that take some seconds.
_PREVIEW_EVERY = {"cpu": 3, "mps": 20, "cuda": 50}


class Stage(StrEnum):
    """How far a training is."""

    WAITING = "waiting"
    BEGINNING = "beginning"
    TRAINING = "training"
    FINISHING = "finishing"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


_OVER = (Stage.DONE, Stage.WITHDRAWN, Stage.FAILED)


@dataclass
class Job:
    """A training.

    Attributes:
        title: of the style.
        name: that it will be installed by.
        minutes: that it may take.
        stage: see ``Stage``.
        report: of the last step; None before the first.
        preview: the newest sheet of stylized photos, as a PNG; None before the first.
        previews: how many there were.
        reason: why it failed.
    """

    title: str
    name: str
    minutes: float
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    stage: Stage = Stage.WAITING
    report: StepReport | None = None
    preview: bytes | None = None
    previews: int = 0
    reason: str = ""
    is_to_finish: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return self.stage in _OVER

    @property
    def seconds_left(self) -> float:
        """Of the training itself, by the clock."""
        return 60 * self.minutes - (self.report.seconds if self.report else 0.0)


def style_name(title: str) -> str:
    """Return what a style of that title is called by: ``my-style`` for "My style".

    Raises:
        UsageError: if nothing is left of it, or there is such a style already.
    """
    name = re.sub(r"[\W_]+", "-", title.strip().lower()).strip("-")
    if not name:
        raise UsageError("the style has no name yet; give it one")
    if os.path.lexists(own_style_path(name)):
        raise UsageError(f"{name}: there is a style of that name already; choose another")
    return name


class TrainingDesk:
    """Takes trainings and does one after another.

    Args:
        folder: for their files, until they are done.
        settings: any field of ``TrainingSettings`` that differs from its default.
    """

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._folder = folder
        self._settings = settings
        self._jobs: dict[str, Job] = {}
        self._futures: list[Future[None]] = []
        self._worker = ThreadPoolExecutor(1, "trainings")

    def submit(self, painting: Path, *, title: str, minutes: float) -> Job:
        """Take a training, and begin it when those before it are done.

        Args:
            painting: the picture file.
            title: of the style.
            minutes: that the training may take.

        Raises:
            UsageError: as ``style_name``, and if one that waits or runs will have the name.
            FaststError: if the painting cannot be read.
        """
        name = style_name(title)
        if any(job.name == name and not job.is_over for job in self._jobs.values()):
            raise UsageError(f"{name}: a style of that name is being trained; choose another")
        content = _read(painting)
        job = Job(title=title.strip(), name=name, minutes=minutes)
        self._jobs[job.key] = job
        self._futures.append(self._worker.submit(self._run, job, content, painting.suffix))
        return job

    def job(self, key: str) -> Job | None:
        """Return the training of that key."""
        return self._jobs.get(key)

    def current(self) -> Job | None:
        """Return the training that runs."""
        return next((job for job in self._jobs.values() if not job.is_over), None)

    def done(self) -> list[str]:
        """Return the names of the styles that there are by now."""
        return [job.name for job in self._jobs.values() if job.stage is Stage.DONE]

    def ahead(self, job: Job) -> int:
        """Return how many are done before it begins."""
        keys = list(self._jobs)
        return sum(not self._jobs[key].is_over for key in keys[: keys.index(job.key)])

    def finish(self, job: Job) -> None:
        """End a training with what there is, or withdraw one that waits."""
        job.is_to_finish.set()
        if job.stage is Stage.TRAINING:
            job.stage = Stage.FINISHING
        if job.stage is Stage.WAITING:
            job.stage = Stage.WITHDRAWN

    def close(self) -> None:
        """Finish all, and wait until what there is is kept."""
        for job in self._jobs.values():
            self.finish(job)
        self._worker.shutdown()

    def _run(self, job: Job, painting: bytes, suffix: str) -> None:
        if job.stage is Stage.WITHDRAWN:
            return
        job.stage = Stage.BEGINNING
        try:
            with temporary_folder(self._folder) as folder:
                self._train(job, folder, painting, suffix)
            job.stage = Stage.DONE
        except FaststError as error:
            job.reason = str(error)
            job.stage = Stage.FAILED
        except Exception as error:  # the page is to tell of whatever it was
            job.reason = f"unexpected: {type(error).__name__}: {error}"
            job.stage = Stage.FAILED

    def _train(self, job: Job, folder: Path, painting: bytes, suffix: str) -> None:
        # Only here: what it stands on takes seconds to import.
        from fastst.training.trainer import train

        source, checkpoint = folder / f"{job.name}{suffix}", folder / "style.safetensors"
        source.write_bytes(painting)
        chosen = {"steps": _STEPS, "preview_every": _PREVIEW_EVERY[pick_device().type], **self._settings}
        preview = _Preview(checkpoint.with_suffix(".preview.png"))

        def report(step: StepReport) -> None:
            job.report = step
            preview.renew(job)
            if job.stage is Stage.BEGINNING:
                job.stage = Stage.TRAINING
            if step.share >= 1:
                job.stage = Stage.FINISHING

        train(
            source,
            checkpoint,
            title=job.title,
            minutes=job.minutes,
            on_step=report,
            should_finish=job.is_to_finish.is_set,
            **chosen,
        )
        add_style(checkpoint, name=job.name)


class _Preview:
    """Looks after the sheet that a training writes every few steps."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written_at = 0

    def renew(self, job: Job) -> None:
        """Give the job the sheet, if there is a new one."""
        if self._file.exists() and (at := self._file.stat().st_mtime_ns) != self._written_at:
            self._written_at = at
            job.preview = self._file.read_bytes()
            job.previews += 1


def _read(painting: Path) -> bytes:
    try:
        return painting.read_bytes()
    except OSError as error:
        raise FaststError(f"{painting}: cannot be read ({error.strerror}); drop it again") from error
