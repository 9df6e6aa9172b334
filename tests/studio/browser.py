"""A browser for the studio's tests, where there is one: Chromium, with a video as its camera."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import opened_chromium


@contextmanager
def opened_browser(*, camera: Path | None = None) -> Iterator[Any]:
    """Yield a Playwright browser; ``camera`` is a y4m file that its camera shows."""
    pytest.importorskip("gradio")
    film = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    with opened_chromium(*film) as browser:
        yield browser


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
