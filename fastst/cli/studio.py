"""``fastst studio``: a local page to play with styles."""

from typing import Annotated

import typer

from fastst.cli.speech import say


def studio(
    port: Annotated[
        int | None, typer.Option(help="Where to listen (the first free from 7860).", show_default=False)
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page at once.")] = True,
    max_upload: Annotated[float, typer.Option(help="Megabytes that an uploaded file may have.")] = 2000,
) -> None:
    """Open a page to repaint photos, films and the camera on, and to train styles. Ctrl-C ends it."""
    import webbrowser

    from fastst import run_studio

    def show(address: str) -> None:
        say(f"the studio is open at {address}; Ctrl-C ends it")
        if browser:
            webbrowser.open(address)

    run_studio(host=host, port=port, max_upload=max_upload, on_ready=show)
