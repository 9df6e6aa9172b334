"""The page in a real browser: what it paints, and that nothing leaves it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("playwright.sync_api")

from fastst import load
from tests.web.browsing import Visit, Witness

PHOTO = Path(__file__).parents[2] / "fastst" / "photos" / "astronaut.jpg"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo without loss, of sides that are no multiples of 4."""
    path = tmp_path_factory.mktemp("photo") / "somebody.png"
    Image.open(PHOTO).convert("RGB").resize((203, 150)).save(path)
    return path


def apart(found: NDArray[np.uint8], style: str, photo: Path) -> int:
    """Return the largest difference to what Python paints, in gray levels."""
    expected = np.asarray(load(style, device="cpu")(str(photo)).convert("RGB"))
    assert found.shape == expected.shape
    return int(np.abs(found.astype(int) - expected).max())


def test_a_photo_gets_the_pixels_that_python_paints(chromium: Any, address: str, photo: Path) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted in .* 400 × 400 px")
    visit.choose_photo(photo)
    assert "WebAssembly" in visit.wait_for("Painted in .* 203 × 150 px")
    assert apart(visit.picture(), "starry-night", photo) <= 2
    assert visit.file_name == "somebody.starry-night.png"
    visit.choose_style("the-scream")
    visit.wait_for("Painted")
    assert apart(visit.picture(), "the-scream", photo) <= 2
    assert not visit.complaints
    visit.context.close()


def test_a_host_without_headers_gets_threads_all_the_same(chromium: Any, address: str) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    assert visit.page.evaluate("crossOriginIsolated")
    visit.context.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_it_fits_a_desk_and_a_phone(
    chromium: Any, address: str, width: int, height: int, tmp_path: Path
) -> None:
    visit = Visit(chromium, address, width=width, height=height)
    visit.wait_for("Painted")
    assert not visit.overflows()
    visit.page.screenshot(path=tmp_path / f"{width}.png", full_page=True)
    for button in ("#camera", "#download", "#second"):
        box = visit.page.locator(button).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    visit.context.close()


def test_no_request_leaves_the_page(chromium: Any, address: str, photo: Path, witness: Witness) -> None:
    witness.asked.clear()
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.choose_photo(photo)
    visit.wait_for("203 × 150")
    painter = next(worker for worker in visit.page.workers if "/worker.js" in worker.url)
    for thread in (visit.page, painter):
        tried = "fetch('http://example.org/').then(() => 'went', () => 'was refused')"
        assert thread.evaluate(tried) == "was refused"
    assert visit.requests
    assert all(request.startswith((address, "data:", "blob:")) for request in visit.requests)
    assert witness.asked == []
    visit.context.close()
    # Had something left, the witness would know.
    elsewhere = chromium.new_page()
    with pytest.raises(Exception, match="ERR_"):
        elsewhere.goto("http://example.org/")
    assert any("example.org" in asked for asked in witness.asked)
    elsewhere.close()


def test_what_is_no_picture_is_said(chromium: Any, address: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.png"
    file.write_bytes(b"no picture")
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.choose_photo(file)
    visit.wait_for("cannot open that picture")
    visit.context.close()


def test_a_picture_that_is_held_is_seen_as_it_was(chromium: Any, address: str, photo: Path) -> None:
    visit = Visit(chromium, address)
    visit.wait_for("Painted")
    visit.choose_photo(photo)
    visit.wait_for("203 × 150 px")
    painted, source = visit.shown(), np.asarray(Image.open(photo))
    canvas = visit.page.locator("#picture")
    canvas.focus()
    visit.page.keyboard.down(" ")
    assert np.array_equal(visit.shown(), source)
    visit.page.keyboard.up(" ")
    assert np.array_equal(visit.shown(), painted)
    canvas.hover()
    visit.page.mouse.down()
    assert np.array_equal(visit.shown(), source)
    visit.page.mouse.up()
    assert np.array_equal(visit.shown(), painted)
    visit.context.close()


# A GPU that is there and cannot make a network ready.
POOR_GPU = """export const env = { wasm: {} };
export const InferenceSession = { create: () => Promise.reject(new Error("too many buffers")) };"""


def test_a_gpu_that_cannot_run_it_gives_way(chromium: Any, address: str, photo: Path) -> None:
    visit = Visit(chromium, f"{address}?runtime=webgpu", routes={"**/runtime/webgpu.js": POOR_GPU})
    visit.wait_for("Painted")
    visit.choose_photo(photo)
    # Routes keep the service worker out, and with it the threads.
    assert "WebAssembly on one thread" in visit.wait_for("203 × 150 px")
    assert apart(visit.picture(), "starry-night", photo) <= 2
    visit.context.close()
