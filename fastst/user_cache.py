"""Where fastst keeps what it can fetch or work out again."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """``$FASTST_CACHE``, else ``fastst`` in ``$XDG_CACHE_HOME``, else ``~/.cache/fastst``."""
    if own := os.environ.get("FASTST_CACHE"):
        return Path(own).expanduser()
    shared = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG specification tells to ignore a relative path.
    return (shared if shared.is_absolute() else Path.home() / ".cache") / "fastst"
