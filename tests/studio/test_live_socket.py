"""The Live tab's socket, without a browser."""

import io
import json
from collections.abc import Iterator

import pytest
from PIL import Image

pytest.importorskip("gradio")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from fastst.studio.live_socket import PATH, LiveStyles, add_live


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    styles = LiveStyles()
    add_live(app, styles)
    with TestClient(app) as opened:
        yield opened
    styles.close()


def jpeg(size: tuple[int, int] = (64, 48)) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", size, "teal").save(encoded, "JPEG")
    return encoded.getvalue()


def test_frames_come_back_in_their_size_and_styles_are_switched(client: TestClient) -> None:
    with client.websocket_connect(PATH) as socket:
        socket.send_text('{"style": "udnie"}')
        assert socket.receive_json() == {"style": "udnie"}
        socket.send_bytes(jpeg())
        with Image.open(io.BytesIO(socket.receive_bytes())) as image:
            assert image.size == (64, 48)
        socket.send_text('{"style": "the-scream", "strength": 0.5}')
        shown = None
        while shown is None:
            socket.send_bytes(jpeg())
            message = socket.receive()
            if message.get("text"):
                shown = json.loads(message["text"])["style"]
                socket.receive_bytes()
        assert shown == "the-scream"


def test_a_size_is_kept_to_and_without_one_it_is_what_holds_the_rate(client: TestClient) -> None:
    with client.websocket_connect(PATH) as socket:
        for wish, expected in (('{"side": 128}', 128), ("{}", 256)):
            socket.send_text(wish)
            socket.send_bytes(jpeg((512, 384)))
            while (message := socket.receive()).get("text"):
                pass
            with Image.open(io.BytesIO(message["bytes"])) as image:
                assert max(image.size) == expected


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ('{"style": "/etc/passwd"}', "no such style is installed"),
        ('{"style": "udnie", "strength": 3}', "asked for something unknown"),
        ("{", "asked for something unknown"),
    ],
)
def test_what_cannot_be_is_said_and_ends_it(client: TestClient, wish: str, said: str) -> None:
    with client.websocket_connect(PATH) as socket:
        socket.send_text(wish)
        assert said in socket.receive_json()["error"]
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


@pytest.mark.parametrize(
    ("frame", "said"), [(b"no frame", "arrived damaged"), (jpeg((4000, 1001)), "choose a smaller size")]
)
def test_a_frame_that_is_none_is_said_and_ends_it(client: TestClient, frame: bytes, said: str) -> None:
    with client.websocket_connect(PATH) as socket:
        socket.send_text("{}")
        socket.receive_json()
        socket.send_bytes(frame)
        assert said in socket.receive_json()["error"]


def test_pages_of_other_sites_are_sent_away(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(PATH, headers={"origin": "https://elsewhere.example"}),
    ):
        pass
