"""The studio: a local page on which photos, films and the camera are repainted, and styles are trained."""

import os
from collections.abc import Callable
from typing import Any

from fastst.errors import UsageError
from fastst.settings import validated
from fastst.studio.settings import StudioSettings

__all__ = ["StudioSettings", "run_studio"]


def run_studio(*, on_ready: Callable[[str], None] = lambda address: None, **settings: Any) -> None:
    """Serve the studio until Ctrl-C.

    Args:
        on_ready: called with the page's address when it can be opened.
        settings: any field of ``fastst.studio.StudioSettings``, such as ``port=8000``.

    Raises:
        UsageError: for a setting that is unknown or out of range, a port that is taken, or if Gradio is not
            installed.
    """
    choices = validated(StudioSettings, settings, origin="studio")
    _check_gradio()
    from fastst.studio.server import serve

    serve(choices, on_ready=on_ready)


def _check_gradio() -> None:
    """Import Gradio with its reports to its makers switched off, whatever the environment says."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        import gradio  # noqa: F401
        import websockets  # noqa: F401  # what the server speaks to the Live tab with
    except ImportError as error:
        reason = f" ({error})" if "No module" not in str(error) else ""
        raise UsageError(f"the studio needs Gradio{reason}; pip install 'fastst[studio]'") from error
