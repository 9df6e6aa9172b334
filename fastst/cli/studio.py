"""``fastst studio``: a local page to play with styles."""

from typing import Annotated, Any

import typer

from fastst.cli.derived import with_options_of
from fastst.cli.speech import say
from fastst.studio.settings import StudioSettings


@with_options_of(StudioSettings)
def studio(
    *,
    given: dict[str, Any],
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page at once.")] = True,
) -> None:
    """Open a page to stylize photos, videos and the camera on, and to train styles. Ctrl-C ends it."""
    import webbrowser

    from fastst import run_studio

    def show(address: str) -> None:
        say(f"the studio is open at {address}; Ctrl-C ends it")
        if browser:
            webbrowser.open(address)

    run_studio(**given, on_ready=show)
