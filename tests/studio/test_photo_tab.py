"""The Photo tab in a browser, used as a person would; its pictures are compared with the command line's."""

import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastst.cli import main
from fastst.networks.styles import style_names
from tests.studio.browser import opened_page
from tests.studio.conftest import Studio

PHOTO = Path(__file__).parents[2] / "fastst" / "photos" / "astronaut.jpg"


@pytest.fixture
def page(browser: Any, studio: Studio) -> Iterator[Any]:
    with opened_page(browser, studio.address) as opened:
        yield opened


@pytest.fixture
def my_photo(tmp_path: Path) -> Path:
    return Path(shutil.copy(PHOTO, tmp_path / "my photo.jpg"))


def upload(page: Any, photo: Path) -> None:
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector("#command code")


def choose(page: Any, title: str, name: str) -> None:
    page.locator("#styles .thumbnail-item").filter(has_text=title).click()
    page.locator("#command code").filter(has_text=f"-s {name}").wait_for()


def set_slider(page: Any, which: str, value: float) -> None:
    box = page.locator(f"{which} input[type=number]")
    box.fill(str(value))
    box.press("Enter")


def saved(page: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click("#save")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def painted(photo: Path, output: Path, *options: str) -> Path:
    with pytest.raises(SystemExit) as ended:
        main(["stylize", str(photo), "-o", str(output), *options])
    assert not ended.value.code
    return output


def pixels(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def test_a_chosen_style_is_saved_as_the_command_line_makes_it(
    page: Any, my_photo: Path, tmp_path: Path
) -> None:
    upload(page, my_photo)
    choose(page, "The Great Wave", "great-wave")
    file = saved(page, tmp_path)
    assert file.name == "my photo.great-wave.jpg"
    expected = painted(my_photo, tmp_path / "expected.jpg", "-s", "great-wave")
    assert np.array_equal(pixels(file), pixels(expected))


def test_two_styles_are_mixed_and_options_are_those_of_the_command_line(
    page: Any, my_photo: Path, tmp_path: Path
) -> None:
    upload(page, my_photo)
    page.click("#second input")
    page.get_by_role("option", name="The Scream").click()
    before = page.locator("#result img").last.get_attribute("src")
    set_slider(page, "#share", 0.3)
    command = page.locator("#command code")
    command.filter(has_text="starry-night:0.70+the-scream:0.30").wait_for()
    page.wait_for_function(
        "old => [...document.querySelectorAll('#result img')].at(-1).src != old", arg=before
    )
    set_slider(page, "#strength", 0.8)
    set_slider(page, "#strokes", 2)
    page.check("#colors input")
    command.filter(has_text="--strength 0.8 --keep-colors --stroke-size 2").wait_for()
    file = saved(page, tmp_path)
    _, _, named, *options = shlex.split(command.inner_text())
    assert named == my_photo.name
    assert np.array_equal(pixels(file), pixels(painted(my_photo, tmp_path / "expected.jpg", *options)))


def test_the_gallery_shows_every_style_on_the_photo(page: Any, studio: Studio, my_photo: Path) -> None:
    thumbnails = page.locator("#styles .thumbnail-item img")
    # Those that other tests have trained come last.
    every = len(style_names()) + len(list(studio.styles.glob("*.safetensors")))
    assert thumbnails.count() == every
    of_the_sample = thumbnails.first.get_attribute("src")
    upload(page, my_photo)
    page.wait_for_function(
        "old => document.querySelector('#styles .thumbnail-item img').src != old", arg=of_the_sample
    )
    assert thumbnails.count() == every


def test_what_is_no_picture_is_said_in_plain_words(page: Any, tmp_path: Path) -> None:
    fake = tmp_path / "letter.jpg"
    fake.write_text("Dear Theo")
    page.set_input_files("#photo input[type=file]", fake)
    told = page.locator(".toast-body")
    told.wait_for()
    assert "letter.jpg: is not a picture that can be read" in told.inner_text()
    assert "fastst-" not in told.inner_text()


def test_what_is_too_large_is_refused(page: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(b"\x89PNG" + bytes(21_000_000))
    page.set_input_files("#photo input[type=file]", large)
    told = page.locator(".toast-body")
    told.wait_for()
    assert "size" in told.inner_text()


def test_a_snapshot_of_the_camera_is_repainted(page: Any) -> None:
    page.context.grant_permissions(["camera"])
    page.get_by_label("Capture from camera").click()
    page.get_by_text("Click to Access Webcam").click()
    # The button is there before the camera's first frame is, and does nothing until then.
    page.wait_for_function("document.querySelector('#photo video')?.videoWidth > 0")
    page.get_by_label("capture photo").click()
    page.wait_for_selector("#command code")


_COPY = """async bytes => {
    const picture = new Blob([new Uint8Array(bytes)], { type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
}"""


def test_a_pasted_picture_is_repainted(page: Any, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with Image.open(PHOTO) as photo:
        photo.resize((96, 96)).save(tmp_path / "copied.png")
    page.evaluate(_COPY, list((tmp_path / "copied.png").read_bytes()))
    page.get_by_label("Paste from clipboard").click()
    page.wait_for_selector("#command code")
