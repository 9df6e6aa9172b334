"""Chromium for the tests of pages, where there is one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
)

# Playwright and how many browsers it has: a process can have it once only.
_running: list[Any] = []
_browsers = 0


def chromium_path() -> str:
    """The browser's path; without one, or without what drives it, the test is skipped."""
    pytest.importorskip("playwright")
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    return found


@contextmanager
def opened_chromium(*more: str) -> Iterator[Any]:
    """Yield a Playwright browser, started with ``more`` arguments; its camera shows a test picture."""
    global _browsers
    path = chromium_path()
    from playwright.sync_api import sync_playwright

    if not _running:
        _running.append(sync_playwright().start())
    _browsers += 1
    try:
        browser = _running[0].chromium.launch(executable_path=path, args=[*_ARGUMENTS.split(), *more])
        yield browser
        browser.close()
    finally:
        _browsers -= 1
        if not _browsers:
            _running.pop().stop()
