"""The studio's server: Gradio's page and the Live tab's socket on one port."""

import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from fastst.errors import UsageError
from fastst.studio.live_socket import LiveStyles, add_live
from fastst.studio.page import build_page, looks
from fastst.studio.settings import FIRST_PORT, HERE, StudioSettings
from fastst.studio.workplace import Workplace

_PORTS_TRIED = 20
# What the page may load from: this server, and what it makes itself.
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' ws: wss: data: blob:; "
    "frame-ancestors 'self'"
)
_THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"]


def serve(settings: StudioSettings, folder: Path, *, on_ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Args:
        settings: of the studio.
        folder: for files of passing use.
        on_ready: called with the page's address when it can be opened.

    Raises:
        UsageError: if the address or the port cannot be had.
    """
    listening = _listen(settings)
    address = f"http://{_host_to_open(settings.host)}:{listening.getsockname()[1]}"
    workplace = Workplace(settings, folder)
    with listening, workplace.closing, suppress(KeyboardInterrupt):
        app = build_app(workplace)
        _Server(app, on_ready=lambda: on_ready(address)).run(sockets=[listening])


def build_app(workplace: Workplace) -> FastAPI:
    """Return the application: the page at ``/`` and what its tabs need beside it."""
    app = FastAPI(openapi_url=None)
    settings = workplace.settings
    if settings.host == HERE:
        # A page elsewhere, whose name is made to lead here, is not served.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=_THIS_MACHINE)
    app.middleware("http")(_with_policy)
    styles = LiveStyles()
    workplace.closing.callback(styles.close)
    add_live(app, styles)
    return gr.mount_gradio_app(
        app,
        build_page(workplace),
        path="/",
        server_name=settings.host,
        allowed_paths=[str(workplace.folder)],
        max_file_size=round(settings.max_upload * 1e6),
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        **looks(),
    )


async def _with_policy(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    response.headers["Content-Security-Policy"] = _POLICY
    return response


class _Server(uvicorn.Server):
    def __init__(self, app: FastAPI, *, on_ready: Callable[[], None]) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _listen(settings: StudioSettings) -> socket.socket:
    ports = [settings.port] if settings.port else range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED)
    reason = ""
    for port in ports:
        try:
            return socket.create_server((settings.host, port), family=_family(settings.host))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
    where = f"port {settings.port}" if settings.port else f"ports {FIRST_PORT} to {ports[-1]}"
    raise UsageError(f"{settings.host}: cannot listen on {where} ({reason}); choose another --port or --host")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _host_to_open(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return HERE
    return f"[{host}]" if ":" in host else host
