"""Where stylized copies go: every name is decided before the first picture is painted."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, refuse_overwriting, refuse_standard_output
from fastst.images.finding import find_pictures, is_folder
from fastst.images.formats import can_write, check_output_suffix

_Find = Callable[[Sequence[StrPath]], list[tuple[Path, Path]]]


def plan_outputs(
    sources: Sequence[StrPath],
    output: StrPath | None,
    *,
    style: str | None = None,
    on_unlisted: Callable[[Path, FaststError], None] | None = None,
) -> list[tuple[Path, Path]]:
    """Pair every picture with the file its stylized copy goes to.

    One source that is a file goes to ``output`` itself, unless that is a folder: it exists as one,
    ends with a separator, or has no suffix. Everything else goes into a folder of that name, laid
    out like the sources, with the same suffix where that can be written and .png elsewhere; a name
    taken already gets "-2", "-3" and so on. What earlier runs left in an output folder inside a
    source folder is no source. Without an output, ``photo.jpg`` goes to ``photo.starry-night.jpg``
    beside it, and the folder ``photos`` to ``photos.starry-night``.

    Args:
        sources: files and folders.
        output: a file for one picture, else a folder; None: beside each source.
        style: the style's name. With it, files in an output folder are called ``photo.starry-night.jpg``,
            so that several styles can go into one; needed where there is no ``output``.
        on_unlisted: as in ``find_pictures``.

    Raises:
        FaststError: if a folder cannot be listed and there is no ``on_unlisted``.
        UsageError: if there are no pictures, the output is a file and should be a folder, its suffix
            cannot be written, or it would overwrite a source.
    """
    if output is not None:
        refuse_standard_output(output)
    find = partial(find_pictures, on_unlisted=on_unlisted) if on_unlisted else find_pictures
    if output is None:
        plan = [pair for source in sources for pair in _beside(Path(source), style or "stylized", find)]
    elif style is None and _is_one_file(sources) and not _means_a_folder(output):
        check_output_suffix(output)
        plan = [(Path(sources[0]), Path(output))]
    else:
        _check_folder(output)
        found = _without_earlier_outputs(find(sources), Path(output), sources)
        plan = [(file, named_copy(Path(output) / relative, style)) for file, relative in found]
    if not plan:
        raise UsageError(
            f"{', '.join(map(str, sources)) or 'nothing'}: no pictures there; name a file or a folder of some"
        )
    plan = distinct_copies(plan)
    refuse_overwriting([target for _, target in plan], [source for source, _ in plan])
    return plan


def copy_beside(source: StrPath, style: str) -> Path:
    """Return ``photo.starry-night.jpg`` for ``photo.jpg``."""
    return Path(source).with_stem(f"{Path(source).stem}.{_file_name(style)}")


def _is_one_file(sources: Sequence[StrPath]) -> bool:
    return len(sources) == 1 and not is_folder(Path(sources[0]))


def _beside(source: Path, style: str, find: _Find) -> list[tuple[Path, Path]]:
    if not is_folder(source):
        return [(source, named_copy(source, style))]
    # The folder ``.`` has a name only as the folder that it is.
    folder = source if source.name not in ("", "..") else source.resolve()
    copies = Path(f"{folder}.{_file_name(style)}")
    return [(file, named_copy(copies / relative)) for file, relative in find([source])]


def named_copy(target: Path, style: str | None = None) -> Path:
    """Return the copy's name: with a suffix that can be written, and the style's name if there is one."""
    target = target if can_write(target) else target.with_suffix(".png")
    return copy_beside(target, style) if style else target


def _file_name(style: str) -> str:
    # A colon, which a mix is written with, is no part of a file's name on Windows.
    return style.replace(":", "-")


def _means_a_folder(output: StrPath) -> bool:
    name = os.fspath(output)
    return is_folder(Path(name)) or name.endswith(("/", os.sep)) or not Path(name).suffix


def _check_folder(output: StrPath) -> None:
    path = Path(output)
    if path.is_file() or (not _means_a_folder(output) and can_write(path)):
        raise UsageError(f"{path}: names one file, but a folder is needed here; choose another -o")


def _without_earlier_outputs(
    found: list[tuple[Path, Path]], output: Path, sources: Sequence[StrPath]
) -> list[tuple[Path, Path]]:
    folder = _real(output)
    if not is_folder(folder) or any(_real(source).is_relative_to(folder) for source in sources):
        return found
    return [(file, relative) for file, relative in found if not _real(file).is_relative_to(folder)]


def _real(path: StrPath) -> Path:
    # Path.resolve raises on a loop of links; reading such a file reports it better.
    return Path(os.path.realpath(path))


def distinct_copies(plan: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """Number the targets that would be one file."""
    taken: set[str] = set()
    distinct = []
    for source, wanted in plan:
        target, number = wanted, 1
        # Some file systems do not tell upper from lower case.
        while str(target).casefold() in taken:
            number += 1
            target = wanted.with_stem(f"{wanted.stem}-{number}")
        taken.add(str(target).casefold())
        distinct.append((source, target))
    return distinct
