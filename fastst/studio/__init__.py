"""The studio: a local page on which photos, videos and the camera are stylized, and styles are trained."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fastst.errors import FaststError, UsageError
from fastst.settings import validated
from fastst.studio.settings import StudioSettings
from fastst.temporaries import temporary_folder

__all__ = ["StudioSettings", "run_studio"]


def run_studio(*, on_ready: Callable[[str], None] = lambda address: None, **settings: Any) -> None:
    """Serve the studio until Ctrl-C.

    Args:
        on_ready: called with the page's address when it can be opened.
        settings: any field of ``fastst.studio.StudioSettings``, such as ``port=8000``.

    Raises:
        UsageError: for a setting that is unknown or out of range, a port that is taken, or if Gradio is not
            installed.
        FaststError: if there is no room for temporary files.
    """
    choices = validated(StudioSettings, settings, origin="studio")
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder(Path(tempfile.gettempdir())))
        except OSError as error:
            reason = error.strerror or str(error)
            raise FaststError(
                f"{tempfile.gettempdir()}: no place for uploads ({reason}); set TMPDIR"
            ) from error
        _check_gradio(folder)
        from fastst.studio.server import serve

        serve(choices, folder, on_ready=on_ready)


def _check_gradio(folder: Path) -> None:
    """Import Gradio, told to keep its files in ``folder`` and, by whatever settings, to report to nobody."""
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        with _without_arrow():
            import gradio  # noqa: F401
        import websockets  # noqa: F401  # what the server speaks to the Live tab with
    except ImportError as error:
        reason = f" ({error})" if "No module" not in str(error) else ""
        raise UsageError(f"the studio needs Gradio{reason}; pip install 'fastst[studio]'") from error


@contextmanager
def _without_arrow() -> Iterator[None]:
    """Keep Arrow out of the process, which Gradio's pandas loads where it is installed.

    A process that holds both Arrow and another runtime was seen to crash now and then.
    """
    hidden = "pyarrow" not in sys.modules
    if hidden:
        sys.modules["pyarrow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["pyarrow"]
