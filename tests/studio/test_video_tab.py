"""The Video tab in a browser; the video is compared with the command line's, its sound with the source's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fastst
from tests.films import FilmMaker, frames, packets
from tests.studio.browser import opened_page
from tests.studio.conftest import Studio


@pytest.fixture
def page(browser: Any, studio: Studio) -> Iterator[Any]:
    with opened_page(browser, studio.address) as opened:
        opened.get_by_role("tab", name="Video").click()
        yield opened


def upload(page: Any, film: Path) -> None:
    page.set_input_files("#video input[type=file]", film)
    page.wait_for_function("Number(document.querySelector('#to input').value) > 0")


def status(page: Any, text: str) -> Any:
    return page.locator("#painting-film p").filter(has_text=text)


def downloaded(page: Any, folder: Path) -> Path:
    page.locator("#painted-film video").wait_for()
    with page.expect_download() as download:
        page.locator("#painted-film").get_by_label("Download").click()
    path = folder / "downloaded.mp4"
    download.value.save_as(path)
    return path


def test_a_part_of_a_film_is_repainted_with_its_sound(
    page: Any, make_film: FilmMaker, tmp_path: Path
) -> None:
    film = make_film("my video.mp4", frames=50, size=(96, 64), sound=True)
    upload(page, film)
    assert float(page.input_value("#to input")) == pytest.approx(2, abs=0.2)
    page.fill("#from input", "0.4")
    page.fill("#to input", "1.2")
    page.click("#video-style input")
    page.get_by_role("option", name="Udnie").click()
    page.click("#paint-video")
    status(page, "Done").wait_for()
    got = downloaded(page, tmp_path)
    expected = tmp_path / "expected.mp4"
    fastst.stylize_video("udnie", film, expected, start=0.4, duration=0.8)
    ours, theirs = frames(got), frames(expected)
    assert len(ours) == len(theirs) == 20
    # Perhaps by another engine, which is right to within two gray levels, and through an encoder.
    assert np.abs(np.stack(ours).astype(float) - np.stack(theirs)).mean() < 4
    sound = [data for _, data in packets(got, "audio")]
    assert sound and sound == [data for _, data in packets(expected, "audio")]
    assert set(sound) <= {data for _, data in packets(film, "audio")}


def test_stopped_it_keeps_what_there_is(page: Any, make_film: FilmMaker, tmp_path: Path) -> None:
    upload(page, make_film(frames=400, size=(320, 240)))
    page.click("#paint-video")
    status(page, "left").wait_for()
    page.click("#stop-film")
    status(page, "Stopped").wait_for()
    assert 0 < len(frames(downloaded(page, tmp_path))) < 400


def test_what_is_missing_or_no_film_is_said(page: Any, tmp_path: Path) -> None:
    told = page.locator(".toast-body")
    page.click("#paint-video")
    told.filter(has_text="there is no video yet").wait_for()
    fake = tmp_path / "letter.mp4"
    fake.write_text("Dear Theo")
    page.set_input_files("#video input[type=file]", fake)
    told.filter(has_text="letter.mp4").wait_for()
