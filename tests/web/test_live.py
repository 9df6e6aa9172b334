"""The camera on the page, which is Chromium's own: a disc that turns, and the time."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("playwright.sync_api")

from tests.web.browsing import Visit


@pytest.mark.parametrize("seconds", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_the_camera_is_painted_as_long_as_it_is_on(chromium: Any, address: str, seconds: int) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.start_camera()
    pictures = []
    for _ in range(seconds):
        visit.page.wait_for_timeout(1000)
        # Other work may have the cores; on two free ones it is 15, see scripts/web_speed.py.
        assert visit.frames_a_second() > 1
        pictures.append(visit.picture())
    moved = [
        np.abs(one.astype(int) - other).mean()
        for one, other in pairwise(pictures)
        if one.shape == other.shape
    ]
    assert moved
    assert min(moved) > 0.5
    assert visit.file_name == "camera.starry-night.png"
    visit.page.locator("#camera").click()
    visit.wait_for("Painted")
    assert not visit.complaints
    visit.context.close()


def test_styles_change_while_the_camera_is_on(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.start_camera()
    colours = {}
    for style in ("starry-night", "the-scream"):
        visit.choose_style(style)
        visit.page.wait_for_timeout(1500)
        red, _, blue = visit.picture().reshape(-1, 3).mean(axis=0)
        colours[style] = red - blue
    assert colours["the-scream"] > 20 + colours["starry-night"]
    assert not visit.complaints
    visit.context.close()


def test_a_camera_that_is_refused_is_said(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = "
        "() => Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    visit.page.locator("#camera").click()
    visit.wait_for("not allowed")
    assert visit.page.locator("#camera").get_attribute("aria-pressed") == "false"
    visit.context.close()
