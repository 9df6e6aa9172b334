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
    colors = {}
    for style in ("starry-night", "the-scream"):
        visit.choose_style(style)
        visit.page.wait_for_timeout(1500)
        colors[style] = visit.redness()
    assert colors["the-scream"] > 20 + colors["starry-night"]
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


def test_a_phone_can_turn_to_its_other_camera(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    turn = visit.page.locator("#turn")
    visit.start_camera()
    visit.page.wait_for_timeout(500)
    assert turn.is_hidden()
    visit.page.locator("#camera").click()
    visit.wait_for("Painted")
    visit.page.evaluate(
        "() => { navigator.mediaDevices.enumerateDevices = "
        "() => Promise.resolve([{ kind: 'videoinput' }, { kind: 'videoinput' }]); }"
    )
    visit.start_camera()
    turn.click()
    visit.page.wait_for_timeout(3000)
    assert visit.frames_a_second() > 1
    assert turn.is_visible()
    assert visit.page.locator("#camera").get_attribute("aria-pressed") == "true"
    assert not visit.complaints
    visit.context.close()


# What a camera's size comes to be when frames of `ms` a megapixel are painted, and whether that is too slow.
SIZE = """async (ms) => {
    const { WorkingSize } = await import("./camera.js");
    const size = new WorkingSize();
    for (let i = 0; i < 1000; i++) size.learn((ms * size.side ** 2 * 0.75) / 1e6);
    return [size.side, size.isTooSlow];
}"""


def test_the_size_is_what_the_machine_holds(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    found = {speed: visit.page.evaluate(SIZE, speed) for speed in (1e5, 2000, 1000, 10)}
    assert found == {1e5: [128, True], 2000: [192, False], 1000: [256, False], 10: [640, False]}
    visit.context.close()


def test_the_painter_begins_again_on_one_thread(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    told = visit.page.evaluate(
        """async () => {
            const { paint, restart } = await import("./painter.js");
            const { styles } = await (await fetch("styles.json")).json();
            const parts = [{ ...styles[0].live, share: 1 }];
            const told = [];
            for (const threads of [1, 2]) {
                restart(threads);
                told.push((await paint(new ImageData(32, 32), { parts })).threads);
            }
            return told;
        }"""
    )
    assert told == [1, 2]
    visit.context.close()
