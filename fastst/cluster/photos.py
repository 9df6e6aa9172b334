"""A folder of photos of any number, painted by a pool into another folder."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fastst.cluster.counting import Counting
from fastst.cluster.failures import Failures
from fastst.cluster.folders import Folder
from fastst.cluster.listing import Failed, Photo, There, to_paint
from fastst.cluster.pools import Items, WorkerPool
from fastst.cluster.portable import PortableStylizer
from fastst.errors import FaststError, UsageError
from fastst.runtime import give_back_freed_memory
from fastst.stylize.batch import stylize_file
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeOptions
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer

# Handed over at a time: what a hand-over costs is spread over them, and no more are lost with a process.
_TOGETHER = 16
# What was lost with a process is done again by all at once, and then, for what may be deadly, one by one.
_AFTER_LOSSES = (False, True)
_DEADLY = (
    "every process that paints it dies; it may take more memory than there is: give less --memory, or a "
    "smaller --size"
)


@dataclass(frozen=True)
class PhotosProgress:
    """How far a folder is.

    Attributes:
        painted: in this run.
        there: that were there already.
        failed: that could not be painted.
        total: in the folder; None while they are still being counted.
        seconds: since the first result.
    """

    painted: int
    there: int
    failed: int
    total: int | None
    seconds: float

    @property
    def done(self) -> int:
        """How many need no more work."""
        return self.painted + self.there + self.failed

    @property
    def rate(self) -> float:
        """Pictures a second, those that were there left out."""
        return (self.painted + self.failed) / self.seconds if self.seconds > 1 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None if that is unknown."""
        return (self.total - self.done) / self.rate if self.total is not None and self.rate else None


@dataclass(frozen=True)
class PaintPhotos:
    """What each process of a pool does; see ``Work``."""

    portable: PortableStylizer
    source: Folder
    target: Folder
    options: StylizeOptions
    all_metadata: bool

    def begin(self) -> Callable[[Any], Any]:
        """Make the styles ready."""
        return partial(self._paint, self.portable.stylizer())

    def _paint(self, stylizer: Stylizer | RegionStylizer, item: Photo | There | Failed) -> Any:
        if not isinstance(item, Photo):
            return item
        try:
            with self.source.fetched(item.name) as photo, self.target.stored(item.copy) as copy:
                self._paint_file(stylizer, photo, copy, item)
        except FaststError as error:
            return Failed(item.name, str(error))
        except Exception as error:  # whatever is the matter with one picture, the others go on
            address = self.source.of(item.name)
            return Failed(item.name, f"{address}: unexpected: {type(error).__name__}: {error}")
        finally:
            give_back_freed_memory()
        return item

    def _paint_file(self, stylizer: Stylizer | RegionStylizer, photo: Path, copy: Path, item: Photo) -> None:
        try:
            stylize_file(stylizer, photo, copy, options=self.options, all_metadata=self.all_metadata)
        except FaststError as error:
            # What the user named is to be in it, not a copy on this machine's disk.
            said = str(error).replace(str(photo), self.source.of(item.name))
            raise type(error)(said.replace(str(copy), self.target.of(item.copy))) from error


def paint_photos(
    pool: WorkerPool,
    portable: PortableStylizer,
    source: Folder,
    target: Folder,
    *,
    style: str | None = None,
    options: StylizeOptions = DEFAULT_OPTIONS,
    overwrite: bool = False,
    all_metadata: bool = False,
    on_failure: Callable[[str], None] = lambda message: None,
    on_progress: Callable[[PhotosProgress], None] = lambda progress: None,
) -> PhotosProgress:
    """Stylize the pictures of a folder at any depth into another, each under its name.

    What is there already is left as it is, so that the same call again goes on with a run that was ended.
    Nothing is there by half. What fails is written into ``failures.jsonl`` in the target; what was lost with
    a process or a machine is painted by another.

    Args:
        pool: who paints.
        portable: what with.
        source: where from.
        target: where to; it may lie in the source, and is no part of it then.
        style: is put into the files' names, such as ``photo.starry-night.jpg``.
        options: what is chosen for all of them.
        overwrite: whether what is there already is painted again.
        all_metadata: as in ``stylize_files``.
        on_failure: called with each picture's error.
        on_progress: called after each picture.

    Raises:
        UsageError: if there is no source, or no pictures in it.
        FaststError: if a place does not answer, or processes keep dying.
    """
    source.check_is_there()
    work = PaintPhotos(portable.shared_by(pool), source, target, options, all_metadata)
    run = _Run(pool, work, style=style, overwrite=overwrite, on_failure=on_failure, on_progress=on_progress)
    try:
        return run()
    finally:
        run.failures.publish(target)


class _Run:
    """One call of ``paint_photos``: a pass over the folder, and more over what was lost in it."""

    def __init__(
        self,
        pool: WorkerPool,
        work: PaintPhotos,
        *,
        style: str | None,
        overwrite: bool,
        on_failure: Callable[[str], None],
        on_progress: Callable[[PhotosProgress], None],
    ) -> None:
        self._pool, self._work = pool, work
        self._listing = partial(to_paint, work.source, work.target, style=style, overwrite=overwrite)
        self._on_failure, self._on_progress = on_failure, on_progress
        self._counting = Counting(work.source, work.target)
        self._began: float | None = None
        self._painted = self._there = 0
        # Those that were painted over: of others, the target itself shows which are done.
        self._over: set[str] | None = set() if overwrite else None
        self.failures = Failures()

    def __call__(self) -> PhotosProgress:
        came = self._pass(self._listing)
        if self._counting.finished() > came:
            for carefully in _AFTER_LOSSES:
                if left := self._left():
                    self._pass(partial(iter, left), carefully=carefully)
            for photo in self._left():
                self._fail(photo.name, f"{self._work.source.of(photo.name)}: {_DEADLY}")
            self._there = self._counting.finished() - self._painted - len(self.failures)
        if not self._counting.finished() and not self.failures:
            raise UsageError(f"{self._work.source.address}: no pictures there; name a folder of some")
        return self._progress()

    def _pass(self, items: Items, *, carefully: bool = False) -> int:
        """Go through the items; return for how many photos of them there was a result."""
        came = 0
        for result in self._pool.results(self._work, items, together=_TOGETHER, carefully=carefully):
            self._began = self._began or time.monotonic()
            came += self._take(result)
            self._on_progress(self._progress())
        return came

    def _take(self, result: Photo | There | Failed) -> int:
        match result:
            case There(count):
                self._there += count
                return count
            case Failed(name, message, is_folder):
                self._fail(name, message)
                return int(not is_folder)
            case Photo(_, copy):
                self._painted += 1
                if self._over is not None:
                    self._over.add(copy)
        return 1

    def _fail(self, name: str, message: str) -> None:
        self.failures.note(name, message)
        self._on_failure(message)

    def _left(self) -> list[Photo]:
        """Return the photos that are neither painted nor reported."""
        return [
            item
            for item in self._listing()
            if isinstance(item, Photo)
            and item.name not in self.failures
            and (self._over is None or item.copy not in self._over)
        ]

    def _progress(self) -> PhotosProgress:
        return PhotosProgress(
            painted=self._painted,
            there=self._there,
            failed=len(self.failures),
            total=self._counting.total,
            seconds=0.0 if self._began is None else time.monotonic() - self._began,
        )
