"""Styles mixed on the page, by the means of their weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("playwright.sync_api")

from fastst import load
from tests.web.browsing import Visit

PHOTO = Path(__file__).parents[2] / "fastst" / "photos" / "coffee.jpg"
NAMES = ("starry-night", "the-scream")


def test_a_mix_gets_the_pixels_that_python_paints(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.page.locator("#side").select_option("640")
    visit.choose_photo(PHOTO)
    visit.wait_for("Painted")
    visit.mix_with(NAMES[1], percent=40)
    visit.wait_for("Painted")
    found = visit.picture().astype(int)
    told = visit.page.locator("#shares span").all_inner_texts()
    assert told == ["The Starry Night 60\u00a0%", "The Scream 40\u00a0%"]
    assert visit.file_name == "coffee.starry-night-the-scream.png"
    mixed, one = (
        load(style, device="cpu")(str(PHOTO)) for style in (f"{NAMES[0]}:0.6+{NAMES[1]}:0.4", NAMES[0])
    )
    # The photo is a JPEG, which the browser decodes in its own way, by a level here and there.
    assert np.abs(found - np.asarray(mixed)).mean() < 0.5
    assert np.abs(found - np.asarray(one)).mean() > 5
    assert not visit.complaints
    visit.context.close()


def test_the_mix_moves_with_the_slider_while_the_camera_is_on(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.start_camera()
    redness = []
    for percent in (0, 50, 100):
        visit.mix_with(NAMES[1], percent=percent)
        visit.page.wait_for_timeout(1500)
        redness.append(visit.redness())
    assert redness == sorted(redness)
    assert redness[2] > 20 + redness[0]
    visit.context.close()


def test_only_what_can_be_mixed_is_offered(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")  # by then the page has been loaded again, in isolation
    strange = {"graph": "another.onnx", "weights": "another.bin", "family": 99, "recolor": None}

    def with_a_strange_one(route: Any) -> None:
        answer = route.fetch()
        told = answer.json()
        told["styles"].append({"name": "another", "title": "Another", "photo": strange, "live": strange})
        route.fulfill(response=answer, json=told)

    visit.context.route("**/styles.json", with_a_strange_one)
    visit.page.reload()
    visit.wait_for("Painted")
    assert visit.page.locator("#second option").all_inner_texts() == ["nothing", "The Scream"]
    visit.choose_style("the-scream")
    assert visit.page.locator("#second option").all_inner_texts() == ["nothing", "The Starry Night"]
    visit.choose_style("another")
    assert visit.page.locator("#second").is_disabled()
    visit.context.close()


def test_half_precision_is_read_where_the_browser_has_none(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")  # by then the page has been loaded again, in isolation
    read = visit.page.evaluate(
        "async () => { const { single } = await import('./weights.js');"
        " return Array.from({ length: 65536 }, (_, bits) => String(single(bits))); }"
    )
    expected = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
    found = np.array([float(text.replace("Infinity", "inf")) for text in read])
    assert np.array_equal(found, expected, equal_nan=True)
    visit.context.close()
