"""The installed styles: checkpoints that come with the package, known by name."""

from pathlib import Path

from fastst.errors import UsageError
from fastst.files import expanded
from fastst.networks.checkpoint import Checkpoint, Metadata, load_checkpoint, read_metadata

_PACKAGE = Path(__file__).parents[1]
# In a wheel the checkpoints lie inside the package; in a checkout they lie beside it.
_FOLDERS = (_PACKAGE / "checkpoints", _PACKAGE.parent / "checkpoints")

# No styles to repaint with, but the networks that trainings start from, by architecture.
BASES = {"brush": "base", "brush-wide": "base-wide"}
# A style may have a second checkpoint, quick and steady, for film and cameras: starry-night.film.safetensors.
_FOR_FILM = ".film"


def style_paths() -> dict[str, Path]:
    """Return the installed checkpoints' names, such as ``starry-night``, with their files, sorted."""
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    return {file.stem: file for file in sorted(folder.glob("*.safetensors"))} if folder else {}


def style_names() -> list[str]:
    """Return the installed styles' names: no bases, and no network for film by itself."""
    return [name for name in style_paths() if name not in BASES.values() and not name.endswith(_FOR_FILM)]


def installed_styles() -> dict[str, Metadata]:
    """Return each installed style's header by name."""
    paths = style_paths()
    return {name: read_metadata(paths[name]) for name in style_names()}


def load_style(style: str, *, for_film: bool = False) -> Checkpoint:
    """Load an installed style by name, or any checkpoint by its path.

    ``for_film`` asks for a style's network for film, if it has one; ``starry-night.film`` names that too.

    Raises:
        UsageError: if it is neither.
        FaststError: if the file is no good; see ``load_checkpoint``.
    """
    installed = style_paths()
    if for_film and style + _FOR_FILM in installed:
        style += _FOR_FILM
    if style in installed:
        return load_checkpoint(installed[style])
    path = expanded(style)
    if not _exists(path):
        names = ", ".join(style_names()) or "none"
        raise UsageError(f"{style}: no such style or checkpoint; installed styles: {names}")
    return load_checkpoint(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # such as a name too long for any file
        return False
