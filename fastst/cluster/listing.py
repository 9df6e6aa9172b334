"""Which photos of a folder are to be painted, listed folder by folder as they are needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastst.cluster.folders import Folder
from fastst.errors import FaststError
from fastst.stylize.outputs import distinct_copies, named_copy


@dataclass(frozen=True)
class Photo:
    """A photo to paint.

    Attributes:
        name: in the source, such as deep/a.jpg.
        copy: in the target.
    """

    name: str
    copy: str


@dataclass(frozen=True)
class There:
    """So many photos of one folder whose copies are there already."""

    count: int


@dataclass(frozen=True)
class Failed:
    """What could not be done.

    Attributes:
        name: of a photo or a folder in the source.
        message: why.
        is_folder: whether it is a folder, that could not be listed.
    """

    name: str
    message: str
    is_folder: bool = False


def to_paint(
    source: Folder, target: Folder, *, style: str | None, overwrite: bool
) -> Iterator[Photo | There | Failed]:
    """Yield what there is to do: photos, how many need nothing, and folders that cannot be listed.

    Only one folder's names are held at a time.

    Args:
        source: where from.
        target: where to.
        style: for the names of the copies; see ``named_copy``.
        overwrite: whether those that are there count as well.

    Raises:
        FaststError: if a place does not answer.
    """
    unlisted: list[Failed] = []

    def note(folder: str, error: FaststError) -> None:
        unlisted.append(Failed(folder, str(error), is_folder=True))

    for folder, names in source.pictures(without=target, on_unlisted=note):
        there = set() if overwrite else target.names(folder)
        copies = copies_of(names, style)
        wanted = [(name, copy) for name, copy in zip(names, copies, strict=True) if copy not in there]
        if len(wanted) < len(names):
            yield There(len(names) - len(wanted))
        for name, copy in wanted:
            yield Photo(str(PurePosixPath(folder, name)), str(PurePosixPath(folder, copy)))
    yield from unlisted


def copies_of(names: Sequence[str], style: str | None) -> list[str]:
    """Return the names of the copies of one folder's photos, no two the same."""
    plan = distinct_copies([(Path(name), named_copy(Path(name), style)) for name in names])
    return [copy.name for _, copy in plan]
