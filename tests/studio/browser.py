"""A browser for the studio's tests, where there is one: Chromium, with a film as its camera."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def chromium() -> str:
    """The browser's path; without one, or without what drives it, the test is skipped."""
    pytest.importorskip("gradio")
    pytest.importorskip("playwright")
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    return found


@contextmanager
def opened_browser(*, camera: Path | None = None) -> Iterator[Any]:
    """Yield a Playwright browser; ``camera`` is a y4m file that its camera shows."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    film = (f"--use-file-for-fake-video-capture={camera}",) if camera else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=[*_QUIET, "--disable-sync", *_CAMERA, *film]
        )
        yield browser
        browser.close()


@contextmanager
def opened_page(browser: Any, address: str, *, width: int = 1280, height: int = 900) -> Iterator[Any]:
    """Yield a page; afterwards refuse requests to other hosts and errors in its scripts."""
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    page = context.new_page()
    foreign: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: foreign.append(request.url))
    page.on("websocket", lambda websocket: foreign.append(websocket.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_selector("#styles .thumbnail-item")
    yield page
    context.close()
    own = (address, address.replace("http", "ws", 1), "data:", "blob:")
    assert not [url for url in foreign if not url.startswith(own)]
    assert not errors
