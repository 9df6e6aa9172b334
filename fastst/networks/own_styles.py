"""The user's own styles: checkpoints that are kept by name in a folder of the user's."""

import os
import re
from pathlib import Path

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, atomic_path, styles_folder
from fastst.networks.styles import BASES, FOR_VIDEO, shipped_paths, style_paths

# No sign that a mix, a region or a path is written with.
_NAME = re.compile(rf"\w[\w-]*({re.escape(FOR_VIDEO)})?")
_LONGEST_NAME = 80


def own_style_path(name: str) -> Path:
    """Return the file that an own style of this name is kept in, whether it is there or not.

    Raises:
        UsageError: if no style can have that name, or a shipped one has it.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise UsageError(f"{name}: is not a name for a style; choose letters, digits and -, such as my-style")
    taken = {shipped.casefold() for shipped in (*shipped_paths(), *BASES.values())}
    if name.casefold() in taken or name.removesuffix(FOR_VIDEO).casefold() in taken:
        raise UsageError(f"{name}: is the name of a style that comes with fastst; choose another")
    return styles_folder() / f"{name}.safetensors"


def add_style(file: StrPath, *, name: str | None = None, overwrite: bool = False) -> str:
    """Keep a copy of a checkpoint among the user's own styles.

    Args:
        file: the checkpoint.
        name: what to call it; ``my-style.film`` is the network for video of ``my-style``. None: as the file.
        overwrite: whether an own style of that name is replaced.

    Returns:
        The name.

    Raises:
        UsageError: as ``own_style_path``, and if there is one of that name already.
        FaststError: if the checkpoint is no good, or the copy cannot be written.
    """
    from fastst.networks.checkpoint import load_checkpoint  # only here, as it imports torch

    load_checkpoint(file)
    name = Path(file).stem if name is None else name
    target = own_style_path(name)
    if target.exists() and target.samefile(file):
        return name
    if os.path.lexists(target) and not overwrite:
        raise UsageError(
            f"{name}: is an own style already; choose another --name, or give --overwrite to replace it"
        )
    with atomic_path(target) as temporary:
        temporary.write_bytes(Path(file).read_bytes())
    return name


def remove_style(name: str) -> None:
    """Delete an own style, with its network for video.

    Raises:
        UsageError: if there is no own style of that name.
        FaststError: if it cannot be deleted.
    """
    if name in shipped_paths():
        raise UsageError(f"{name}: comes with fastst and stays; only own styles are removed")
    folder, paths = styles_folder(), style_paths()
    found = [paths[part] for part in (name, name + FOR_VIDEO) if part in paths]
    if not found:
        own = ", ".join(name for name, path in paths.items() if path.parent == folder) or "none"
        raise UsageError(f"{name}: no own style of that name; there are {own}")
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise FaststError(
                f"{path}: cannot be deleted ({error.strerror}); check its permissions"
            ) from error
