"""The Live tab in a browser whose camera shows a photo that the test knows, and in one without."""

import base64
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import fastst
from tests.studio.browser import opened_browser, opened_page
from tests.studio.conftest import Studio

PHOTO = Path(__file__).parents[2] / "fastst" / "photos" / "coffee.jpg"
SIZE = (320, 240)


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of one photo, as Chromium takes it for its camera."""
    frame = av.VideoFrame.from_image(Image.open(PHOTO).convert("RGB").resize(SIZE)).reformat(format="yuv420p")
    planes = b"".join(
        bytes(np.asarray(plane)[: plane.height * plane.line_size].reshape(plane.height, -1)[:, : plane.width])
        for plane in frame.planes
    )
    path = tmp_path_factory.mktemp("camera") / "photo.y4m"
    header = f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F30:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + 30 * (b"FRAME\n" + planes))
    return path


@pytest.fixture
def page(studio: Studio, camera: Path) -> Iterator[Any]:
    with opened_browser(camera=camera) as browser, opened_page(browser, studio.address) as opened:
        opened.get_by_role("tab", name="Live").click()
        yield opened


def choose(page: Any, title: str) -> None:
    page.locator("#live-style label").filter(has_text=title).click()


def choose_full_size(page: Any) -> None:
    page.locator("#live-size label").filter(has_text=str(SIZE[0])).click()


def wait_for_pictures(page: Any) -> None:
    page.wait_for_function("faststLive.fps > 0")


def picture(page: Any) -> NDArray[np.uint8]:
    url = page.evaluate("document.getElementById('live-picture').toDataURL()")
    with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as image:
        return np.asarray(image.convert("RGB"))


def painted(style: str) -> NDArray[np.uint8]:
    with Image.open(PHOTO) as image:
        return fastst.load(style, for_video=True).frame(np.asarray(image.convert("RGB").resize(SIZE)))


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other).mean())


def test_the_camera_is_repainted_and_styles_switch_while_it_runs(page: Any) -> None:
    choose_full_size(page)
    page.click("#live-toggle")
    wait_for_pictures(page)
    expected = {style: painted(style) for style in ("starry-night", "great-wave")}
    first = picture(page)
    assert first.shape == (SIZE[1], SIZE[0], 3)
    assert distance(first, expected["starry-night"]) < 12 < distance(first, expected["great-wave"])
    choose(page, "The Great Wave")
    page.wait_for_function("window.faststLive.shown() === 'great-wave'")
    deadline = time.monotonic() + 30  # frames under way are still in the style before
    while distance(second := picture(page), expected["great-wave"]) >= 12:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)
    assert distance(second, expected["starry-night"]) > 12
    assert "fps" in page.inner_text("#live-figures") and "ms" in page.inner_text("#live-figures")


def test_strength_nought_shows_the_camera(page: Any) -> None:
    box = page.locator("#live-strength input[type=number]")
    box.fill("0")
    box.press("Enter")
    choose_full_size(page)
    page.click("#live-toggle")
    wait_for_pictures(page)
    with Image.open(PHOTO) as image:
        assert distance(picture(page), np.asarray(image.convert("RGB").resize(SIZE))) < 5


def test_it_stops_when_told_and_when_the_tab_is_left(page: Any) -> None:
    page.click("#live-toggle")
    wait_for_pictures(page)
    page.click("#live-toggle")
    assert page.inner_text("#live-toggle") == "Start camera"
    page.click("#live-toggle")
    wait_for_pictures(page)
    page.get_by_role("tab", name="Photo").click()
    page.wait_for_function("faststLive.fps === 0")


def test_without_a_camera_it_says_so(studio: Studio, browser: Any) -> None:
    with opened_page(browser, studio.address) as page:
        page.get_by_role("tab", name="Live").click()
        page.evaluate(
            """() => {
                const none = async () => { throw new DOMException("", "NotFoundError"); };
                navigator.mediaDevices.getUserMedia = none;
            }"""
        )
        page.click("#live-toggle")
        page.locator("#live-figures").filter(has_text="There is no camera").wait_for()
