"""The Live tab's other end: JPEG frames come over a WebSocket, and go back stylized, in their order.

A text message is a JSON object of what is wished from then on, such as ``{"style": "the-scream"}``; one that
is sent back says what is shown, or what went wrong.
"""

import asyncio
import io
import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlsplit

import numpy as np
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fastst.errors import FaststError
from fastst.images.pictures import fit
from fastst.live.loop import WorkingSize
from fastst.networks.styles import DEFAULT_STYLE, style_names
from fastst.stylize.frames import FilmColors, frame_stylizer
from fastst.stylize.load import load
from fastst.stylize.stylizer import Stylizer

PATH = "/live"
_QUALITY = 85
# To hold where nobody chose a size: the browser, which shares the machine, needs its part too.
_FPS = 20.0
_MOST_PIXELS = 4_000_000
# A policy was violated (RFC 6455): the socket is for this page alone.
_FOREIGN = 1008


class LiveWish(BaseModel):
    """How frames are to be stylized.

    Attributes:
        style: an installed style's name.
        strength: 0 (the frame) to 1.
        keep_colors: keep the camera's colors.
        side: the long side in pixels to work at, at most the frame's; None: what holds ``_FPS``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    style: str = DEFAULT_STYLE
    strength: float = Field(1.0, ge=0, le=1)
    keep_colors: bool = False
    side: int | None = Field(None, ge=64, le=2048)


class LiveStyles:
    """The styles that live pictures were asked in so far, each loaded once, one after another."""

    def __init__(self) -> None:
        # One runtime at a time, whoever looks on: more would only hold one another up.
        self.turn = threading.Lock()
        self._loading: dict[str, Future[Stylizer]] = {}
        self._loader = ThreadPoolExecutor(1, "live styles")

    def ask(self, name: str) -> Future[Stylizer]:
        """Return the style when it is loaded; it fails as ``load`` does."""
        if name not in self._loading or self._has_failed(name):
            self._loading[name] = self._loader.submit(_load, name)
        return self._loading[name]

    def close(self) -> None:
        """Load no more."""
        self._loader.shutdown(wait=False, cancel_futures=True)

    def _has_failed(self, name: str) -> bool:
        future = self._loading[name]
        return future.done() and future.exception() is not None


class LiveVisitor:
    """One open Live tab.

    Args:
        styles: shared with others.
        wish: to begin with.

    Raises:
        FaststError: if the style cannot be loaded.
    """

    def __init__(self, styles: LiveStyles, wish: LiveWish) -> None:
        self._styles = styles
        self._colors = FilmColors()
        self._wish = self._next = wish
        self._stylizer = styles.ask(wish.style).result()
        self._coming: Future[Stylizer] | None = None
        self._size: WorkingSize | None = None
        self._sized_for: tuple[int | None, int] = (None, 0)

    def ask(self, wish: LiveWish) -> None:
        """Stylize like that from the next frame on, or as soon as the style is loaded."""
        self._next = wish
        self._coming = self._styles.ask(wish.style)

    def news(self) -> dict[str, str] | None:
        """Take over what was asked for if it is ready, and say so: the style shown, or why there is none."""
        if self._coming is None or not self._coming.done():
            return None
        coming, self._coming = self._coming, None
        try:
            self._stylizer = coming.result()
        except FaststError as error:
            return {"error": str(error)}
        self._wish = self._next
        return {"style": self._wish.style}

    def paint(self, jpeg: bytes) -> bytes:
        """Stylize a frame.

        Raises:
            FaststError: if it is none, or too large.
        """
        frame = _decoded(jpeg)
        size = self._working_size(max(frame.size))
        if size.side < max(frame.size):
            frame = fit(frame, size.side)
        painter = frame_stylizer(
            self._stylizer,
            strength=self._wish.strength,
            keep_colors=self._wish.keep_colors,
            film_colors=self._colors,
        )
        with self._styles.turn:
            began = time.perf_counter()
            painted = painter(np.asarray(frame))
            size.observe(time.perf_counter() - began)
        encoded = io.BytesIO()
        Image.fromarray(painted).save(encoded, "JPEG", quality=_QUALITY)
        return encoded.getvalue()

    def _working_size(self, longest: int) -> WorkingSize:
        side = self._wish.side
        if self._size is None or self._sized_for != (side, longest):
            self._sized_for = side, longest
            self._size = WorkingSize(longest=longest, fixed=side, fps=_FPS)
        return self._size


def add_live(app: FastAPI, styles: LiveStyles) -> None:
    """Let the application answer at ``PATH``."""

    @app.websocket(PATH)
    async def live(socket: WebSocket) -> None:
        if _comes_from_elsewhere(socket):
            await socket.close(_FOREIGN)
            return
        await socket.accept()
        try:
            await _serve(socket, styles)
        except WebSocketDisconnect:
            return
        except FaststError as error:
            await socket.send_text(json.dumps({"error": str(error)}))
            await socket.close()


async def _serve(socket: WebSocket, styles: LiveStyles) -> None:
    wish = _read(await socket.receive_text())
    visitor = await asyncio.to_thread(LiveVisitor, styles, wish)
    await socket.send_text(json.dumps({"style": wish.style}))
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if text := message.get("text"):
            visitor.ask(_read(text))
        elif frame := message.get("bytes"):
            if news := visitor.news():
                await socket.send_text(json.dumps(news))
            await socket.send_bytes(await asyncio.to_thread(visitor.paint, frame))


def _comes_from_elsewhere(socket: WebSocket) -> bool:
    """Whether a page of another site opened it, which browsers allow."""
    origin = socket.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != socket.headers.get("host")


def _read(text: str) -> LiveWish:
    try:
        wish = LiveWish.model_validate_json(text)
    except ValidationError as error:
        raise FaststError(f"the page asked for something unknown: {error.errors()[0]['msg']}") from error
    if wish.style not in style_names():  # never a path, which the page has no business with
        raise FaststError(f"{wish.style}: no such style is installed; open the page anew")
    return wish


def _load(name: str) -> Stylizer:
    return load(name, engine="auto", for_video=True)


def _decoded(jpeg: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise FaststError(
                    f"the camera's frames are {image.width} x {image.height}; choose a smaller size"
                )
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise FaststError("a frame arrived damaged; start the camera again") from error
