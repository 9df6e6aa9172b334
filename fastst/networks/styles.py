"""The installed styles: checkpoints known by name, that come with the package or are the user's own."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from fastst.errors import FaststError, UsageError
from fastst.files import expanded, styles_folder
from fastst.networks.header import Metadata, read_metadata
from fastst.networks.mix_notation import is_mix, parse_mix

if TYPE_CHECKING:
    from fastst.networks.checkpoint import Checkpoint

_PACKAGE = Path(__file__).parents[1]
# In a wheel the checkpoints lie inside the package; in a checkout they lie beside it.
_FOLDERS = (_PACKAGE / "checkpoints", _PACKAGE.parent / "checkpoints")

# What paints where nobody chose.
DEFAULT_STYLE = "starry-night"
# No styles to stylize with, but the networks that trainings start from, by architecture.
BASES = {"brush": "base", "brush-wide": "base-wide"}
# A style may have a second checkpoint, quick and steady, for video: starry-night.film.safetensors.
FOR_VIDEO = ".film"
_SUFFIX = ".safetensors"
# What a training that goes on keeps beside its checkpoint.
_STATE = ".state"

_log = logging.getLogger(__name__)


def shipped_paths() -> dict[str, Path]:
    """Return the names of the checkpoints that come with the package, with their files, sorted."""
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    return _checkpoints_in(folder) if folder else {}


def style_paths() -> dict[str, Path]:
    """Return the installed checkpoints' names, such as ``starry-night``, with their files.

    Those that come with the package are first, and then the user's own, see ``fastst.networks.own_styles``.
    """
    shipped = shipped_paths()
    try:
        own = _checkpoints_in(styles_folder())
    except FaststError:  # nobody without a home has any
        own = {}
    return shipped | {name: file for name, file in own.items() if name not in shipped}


def style_names() -> list[str]:
    """Return the installed styles' names: no bases, and no network for video by itself."""
    return [name for name in style_paths() if name not in BASES.values() and not name.endswith(FOR_VIDEO)]


def installed_styles() -> dict[str, Metadata]:
    """Return each installed style's header by name; what is wrong with one that cannot be read is logged."""
    paths, styles = style_paths(), {}
    for name in style_names():
        try:
            styles[name] = read_metadata(paths[name])
        except FaststError as error:
            _log.warning("%s", error)
    return styles


def installed_header(start: str) -> Metadata | None:
    """Return the header of the installed checkpoint that a training records as its start; None if it is gone.

    Raises:
        FaststError: if it cannot be read.
    """
    path = style_paths().get(start.removesuffix(_SUFFIX))
    return read_metadata(path) if path else None


def load_style(style: str, *, for_video: bool = False) -> "Checkpoint":
    """Load an installed style by name, any checkpoint by its path, or the mix of several.

    A mix is written ``starry-night:0.6+the-scream:0.4``, with names or paths: the network that is the mean
    of theirs, see ``mean_checkpoint``.

    ``for_video`` asks for a style's network for video, if it has one; ``starry-night.film`` names that too.

    Raises:
        UsageError: if it is none of these, or the styles of a mix do not descend from one network.
        FaststError: if the file is no good; see ``load_checkpoint``.
    """
    # Only here, as both import torch: names and headers are to be had at once.
    from fastst.networks.checkpoint import load_checkpoint
    from fastst.networks.mixing import mean_checkpoint

    if _is_one(style) or not is_mix(style):
        return load_checkpoint(_path(style, for_video=for_video))
    parts = parse_mix(style)
    checkpoints = [load_checkpoint(_path(part.name, for_video=for_video)) for part in parts]
    known = {Path(part.name).name: loaded.metadata for part, loaded in zip(parts, checkpoints, strict=True)}

    def header_of(start: str) -> Metadata | None:
        return known.get(start) or installed_header(start)

    return mean_checkpoint(parts, checkpoints, header_of)


def check_style(style: str) -> None:
    """Refuse what ``load_style`` would not find, without torch.

    Raises:
        UsageError: if it is no style, no path and no mix of some.
    """
    one = _is_one(style) or not is_mix(style)
    for name in [style] if one else [part.name for part in parse_mix(style)]:
        _path(name, for_video=False)


def checkpoint_path(style: str) -> Path | None:
    """Return the file of an installed style or a checkpoint; None for a mix of several.

    Raises:
        UsageError: as ``check_style``.
    """
    return _path(style, for_video=False) if _is_one(style) or not is_mix(style) else None


def style_label(style: str) -> str:
    """Return a style's name for people: without the folder of a file, and a mix with its shares."""
    if not _is_one(style) and is_mix(style):
        return "+".join(part.label for part in parse_mix(style))
    return Path(style).name.removesuffix(_SUFFIX)


def _checkpoints_in(folder: Path) -> dict[str, Path]:
    try:
        files = sorted(folder.glob(f"*{_SUFFIX}"))
    except OSError:  # a folder that may not be read holds none
        return {}
    return {
        file.stem: file for file in files if not file.name.startswith(".") and not file.stem.endswith(_STATE)
    }


def _is_one(style: str) -> bool:
    return style in style_paths() or _exists(expanded(style))


def _path(style: str, *, for_video: bool) -> Path:
    installed = style_paths()
    if for_video and style + FOR_VIDEO in installed:
        style += FOR_VIDEO
    if style in installed:
        return installed[style]
    path = expanded(style)
    if not _exists(path):
        names = ", ".join(style_names()) or "none"
        raise UsageError(f"{style}: no such style or checkpoint; installed styles: {names}")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # such as a name too long for any file
        return False
