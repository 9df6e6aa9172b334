"""The installed styles: checkpoints that come with the package, known by name."""

from pathlib import Path

from fastst.errors import UsageError
from fastst.networks.checkpoint import Checkpoint, Metadata, load_checkpoint, read_metadata

_PACKAGE = Path(__file__).parents[1]
# In a wheel the checkpoints lie inside the package; in a checkout they lie beside it.
_FOLDERS = (_PACKAGE / "checkpoints", _PACKAGE.parent / "checkpoints")

# No style to repaint with, but the network that trainings start from.
BASE = "base"


def style_paths() -> dict[str, Path]:
    """Return the installed styles' names, such as ``starry-night``, with their files, sorted."""
    folder = next((folder for folder in _FOLDERS if folder.is_dir()), None)
    return {file.stem: file for file in sorted(folder.glob("*.safetensors"))} if folder else {}


def installed_styles() -> dict[str, Metadata]:
    """Return each installed style's header by name; ``BASE`` is none of them."""
    return {name: read_metadata(path) for name, path in style_paths().items() if name != BASE}


def load_style(style: str) -> Checkpoint:
    """Load an installed style by name, or any checkpoint by its path.

    Raises:
        UsageError: if it is neither.
        FaststError: if the file is no good; see ``load_checkpoint``.
    """
    installed = style_paths()
    if style in installed:
        return load_checkpoint(installed[style])
    path = Path(style).expanduser()
    if not _exists(path):
        names = ", ".join(installed) or "none"
        raise UsageError(f"{style}: no such style or checkpoint; installed styles: {names}")
    return load_checkpoint(path)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as a name too long for any file
        return False
