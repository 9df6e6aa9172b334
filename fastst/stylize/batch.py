"""Repaint many files: decide every output name first, then go on past the files that fail."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from fastst.engines.hardware import give_back_freed_memory
from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, refuse_overwriting, refuse_replacing, refuse_standard_output
from fastst.images.finding import find_pictures, is_folder
from fastst.images.pictures import can_write, check_output_suffix, read_picture, write_picture
from fastst.stylize.large_files import goes_by_disk, stylize_large_file
from fastst.stylize.options import DEFAULT_OPTIONS, PaintingOptions
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer


def stylize_files(
    stylizer: Stylizer | RegionStylizer,
    sources: Sequence[StrPath],
    output: StrPath,
    *,
    options: PaintingOptions = DEFAULT_OPTIONS,
    overwrite: bool = False,
    all_metadata: bool = False,
    on_result: Callable[[Path, Path | FaststError], None],
    on_progress: Callable[[Path, float], None] = lambda source, share: None,
) -> int:
    """Repaint picture files and folders of them into ``output``; see ``plan_outputs`` for the names.

    Args:
        stylizer: what to repaint with.
        sources: files and folders.
        output: a file for one picture, else a folder.
        options: what is chosen for all of them.
        overwrite: whether files that are there already are replaced.
        all_metadata: keep of the photos' metadata also where they were taken and the cameras' own notes.
        on_result: called after each picture with its path, and the path written or why it failed.
        on_progress: called with a picture's path and the share of its work that is done.

    Returns:
        The number of pictures that failed, and of folders that could not be listed.

    Raises:
        UsageError: before anything is written, if the sources or the output do not fit, or an output is there
            already.
    """
    failures = 0

    def fail(source: Path, error: FaststError) -> None:
        nonlocal failures
        failures += 1
        on_result(source, error)

    unlisted: list[tuple[Path, FaststError]] = []
    plan = plan_outputs(sources, output, on_unlisted=lambda *folder: unlisted.append(folder))
    if isinstance(stylizer, RegionStylizer):
        refuse_overwriting([target for _, target in plan], stylizer.mask_files)
    refuse_replacing([target for _, target in plan], overwrite=overwrite)
    for folder in unlisted:
        fail(*folder)
    for source, target in plan:
        show = partial(on_progress, source)
        try:
            if isinstance(stylizer, Stylizer) and goes_by_disk(
                source, target, size=options.size, stylizer=stylizer
            ):
                stylize_large_file(
                    stylizer, source, target, options=options, all_metadata=all_metadata, on_progress=show
                )
            else:
                photo = read_picture(source, all_metadata=all_metadata)
                write_picture(stylizer.stylize_picture(photo, options=options, on_progress=show), target)
        except FaststError as error:
            fail(source, error)
        except Exception as error:  # whatever is the matter with one picture, the others go on
            fail(source, FaststError(f"{source}: unexpected: {type(error).__name__}: {error}"))
        else:
            on_result(source, target)
        give_back_freed_memory()
    return failures


def plan_outputs(
    sources: Sequence[StrPath],
    output: StrPath,
    *,
    on_unlisted: Callable[[Path, FaststError], None] | None = None,
) -> list[tuple[Path, Path]]:
    """Pair every picture with the file its stylised copy goes to.

    One source that is a file goes to ``output`` itself, unless that is a folder: it exists as one,
    ends with a separator, or has no suffix. Everything else goes into a folder of that name, laid
    out like the sources, with the same suffix where that can be written and .png elsewhere; a name
    taken already gets "-2", "-3" and so on. What earlier runs left in an output folder inside a
    source folder is no source. ``on_unlisted`` is as in ``find_pictures``.

    Raises:
        FaststError: if a folder cannot be listed and there is no ``on_unlisted``.
        UsageError: if there are no pictures, the output is a file and should be a folder, its suffix
            cannot be written, or it would overwrite a source.
    """
    refuse_standard_output(output)
    pictures = find_pictures(sources, on_unlisted=on_unlisted) if on_unlisted else find_pictures(sources)
    found = _without_earlier_outputs(pictures, Path(output), sources)
    if not found:
        raise UsageError(
            f"{', '.join(map(str, sources)) or 'nothing'}: no pictures there; name a file or a folder of some"
        )
    if len(sources) == 1 and not is_folder(Path(sources[0])) and not _means_a_folder(output):
        check_output_suffix(output)
        plan = [(found[0][0], Path(output))]
    else:
        _check_folder(output)
        plan = _mirrored(found, Path(output))
    refuse_overwriting([target for _, target in plan], [source for source, _ in plan])
    return plan


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


def _mirrored(found: list[tuple[Path, Path]], folder: Path) -> list[tuple[Path, Path]]:
    taken: set[str] = set()
    plan = []
    for file, relative in found:
        wanted = folder / (relative if can_write(relative) else relative.with_suffix(".png"))
        target, number = wanted, 1
        # Some file systems do not tell upper from lower case.
        while str(target).casefold() in taken:
            number += 1
            target = wanted.with_stem(f"{wanted.stem}-{number}")
        taken.add(str(target).casefold())
        plan.append((file, target))
    return plan
