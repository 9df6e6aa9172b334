"""Stylize many files: decide every output name first, then go on past the files that fail."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastst.errors import FaststError
from fastst.files import StrPath, refuse_overwriting, refuse_replacing
from fastst.images.pictures import read_picture, write_picture
from fastst.runtime import give_back_freed_memory
from fastst.stylize.kept import KeptStylizer
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeOptions
from fastst.stylize.outputs import plan_outputs

if TYPE_CHECKING:
    from fastst.stylize.regions import RegionStylizer
    from fastst.stylize.stylizer import Stylizer


def stylize_files(
    stylizer: "Stylizer | RegionStylizer | KeptStylizer",
    sources: Sequence[StrPath],
    output: StrPath | None,
    *,
    style: str | None = None,
    options: StylizeOptions = DEFAULT_OPTIONS,
    overwrite: bool = False,
    all_metadata: bool = False,
    on_result: Callable[[Path, Path | FaststError], None],
    on_progress: Callable[[Path, float], None] = lambda source, share: None,
) -> int:
    """Stylize picture files and folders of them into ``output``; see ``plan_outputs`` for the names.

    Args:
        stylizer: what to stylize with.
        sources: files and folders.
        output: a file for one picture, else a folder; None: beside each source.
        style: the name of the style in the files' names; needed without ``output``.
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
    plan = plan_outputs(sources, output, style=style, on_unlisted=lambda *folder: unlisted.append(folder))
    refuse_overwriting([target for _, target in plan], stylizer.mask_files)
    refuse_replacing([target for _, target in plan], overwrite=overwrite)
    for folder in unlisted:
        fail(*folder)
    for source, target in plan:
        show = partial(on_progress, source)
        try:
            stylize_file(
                stylizer, source, target, options=options, all_metadata=all_metadata, on_progress=show
            )
        except FaststError as error:
            fail(source, error)
        except Exception as error:  # whatever is the matter with one picture, the others go on
            fail(source, FaststError(f"{source}: unexpected: {type(error).__name__}: {error}"))
        else:
            on_result(source, target)
        give_back_freed_memory()
    return failures


def stylize_file(
    stylizer: "Stylizer | RegionStylizer | KeptStylizer",
    source: Path,
    target: Path,
    *,
    options: StylizeOptions = DEFAULT_OPTIONS,
    all_metadata: bool = False,
    on_progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Stylize one picture file, by disk where it is too large for memory.

    Raises:
        FaststError: if it cannot be read or written, or memory runs out.
    """
    if not isinstance(stylizer, KeptStylizer):
        # Only here, as torch takes long to import, and a kept graph does without.
        from fastst.stylize.large_files import goes_by_disk, stylize_large_file
        from fastst.stylize.stylizer import Stylizer

        if isinstance(stylizer, Stylizer) and goes_by_disk(
            source, target, size=options.size, stylizer=stylizer
        ):
            stylize_large_file(
                stylizer, source, target, options=options, all_metadata=all_metadata, on_progress=on_progress
            )
            return
    photo = read_picture(source, all_metadata=all_metadata)
    write_picture(stylizer.stylize_picture(photo, options=options, on_progress=on_progress), target)
