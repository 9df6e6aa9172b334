"""A page served as a static host would, opened in a Chromium that can reach nothing else unseen."""

import base64
import io
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.chromium import opened_chromium

# What Chromium asks for by itself, now and then, whatever page is open.
_ITS_OWN = ("google.com:", "googleapis.com:", "gvt1.com:")
# Cores are few, and other work may have them.
PATIENCE = 120_000


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        """Say nothing of a visitor who left while a file was on its way."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, with no headers of any kind, and yield its address."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Witness:
    """A proxy that lets nothing through and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._remember, daemon=True).start()

    def _remember(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                asked = connection.recv(4096).decode("latin-1").partition("\r\n")[0]
            if not any(host in asked for host in _ITS_OWN):
                self.asked.append(asked)

    def close(self) -> None:
        self._listening.close()


@contextmanager
def browser(witness: Witness) -> Iterator[Any]:
    """Start Chromium, everything but this machine behind the witness; skips where there is none."""
    proxied = [f"--proxy-server=127.0.0.1:{witness.port}", "--proxy-bypass-list=127.0.0.1"]
    with opened_chromium(*proxied) as chromium:
        yield chromium


def _answering(script: str) -> Callable[[Any], None]:
    return lambda route: route.fulfill(body=script, content_type="text/javascript")


class Visit:
    """One visitor on the page; complaints of the page are kept.

    ``routes`` are scripts to give in place of those of the page, by address.
    """

    def __init__(
        self,
        chromium: Any,
        address: str,
        *,
        width: int = 1280,
        height: int = 800,
        routes: dict[str, str] | None = None,
    ) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context = chromium.new_context(
            viewport={"width": width, "height": height}, service_workers="block" if routes else "allow"
        )
        for pattern, script in (routes or {}).items():
            self.context.route(pattern, _answering(script))
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def wait_for(self, pattern: str) -> str:
        """Wait until the page's line of text matches and nothing is being painted, and return the line."""
        from playwright.sync_api import expect

        status = self.page.locator("#status")
        expect(status).to_have_text(re.compile(pattern), timeout=PATIENCE)
        expect(self.page.locator("#busy")).to_be_hidden(timeout=PATIENCE)
        return status.inner_text()

    def choose_photo(self, file: Path) -> None:
        self.page.set_input_files("#file", file)

    def choose_style(self, name: str) -> None:
        self.page.locator(f"input[value='{name}']").check(force=True)

    def mix_with(self, name: str, percent: int) -> None:
        self.page.locator("#second").select_option(name)
        self.page.locator("#share").fill(str(percent))
        self.page.locator("#share").dispatch_event("change")

    def picture(self) -> NDArray[np.uint8]:
        """Return what a click on Download gives, (H, W, 3)."""
        with self.page.expect_download() as downloading:
            self.page.locator("#download").click()
        self.file_name = downloading.value.suggested_filename
        content = Path(downloading.value.path()).read_bytes()
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))

    def redness(self) -> float:
        """Return how much more red than blue the picture is, in levels of 255."""
        red, _, blue = self.picture().reshape(-1, 3).mean(axis=0)
        return float(red - blue)

    def shown(self) -> NDArray[np.uint8]:
        """Return what is on the canvas, (H, W, 3)."""
        address = self.page.evaluate("document.getElementById('picture').toDataURL()")
        content = base64.b64decode(address.partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))

    def start_camera(self) -> None:
        self.page.locator("#camera").click()
        self.wait_for("a second")

    def frames_a_second(self) -> float:
        return float(self.page.locator("#status").inner_text().split(" ")[0])

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > innerWidth")

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)
