"""The Train tab in a browser: a real training on a loss network with random weights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fastst.networks.checkpoint import load_checkpoint
from tests.studio.browser import opened_page
from tests.studio.conftest import Studio


@pytest.fixture
def page(browser: Any, studio: Studio) -> Iterator[Any]:
    with opened_page(browser, studio.address) as opened:
        opened.get_by_role("tab", name="Train").click()
        yield opened


def ask_for(page: Any, painting: Path, title: str) -> None:
    page.set_input_files("#painting input[type=file]", painting)
    page.locator("#painting img").wait_for()
    page.fill("#title input, #title textarea", title)
    page.click("#train")


def status(page: Any, text: str) -> Any:
    return page.locator("#training p").filter(has_text=text)


def test_a_training_is_watched_stopped_and_its_style_appears(
    page: Any, studio: Studio, painting: Path
) -> None:
    ask_for(page, painting, "Waves of Mine")
    status(page, "left").wait_for()
    preview = page.locator("#preview img")
    preview.wait_for()
    first = preview.get_attribute("src")
    page.wait_for_function("old => document.querySelector('#preview img').src != old", arg=first)
    page.click("#stop-training")
    status(page, "Waves of Mine is ready").wait_for()
    metadata = load_checkpoint(studio.styles / "waves-of-mine.safetensors").metadata
    assert metadata.title == "Waves of Mine" and metadata.steps >= 6
    page.get_by_role("tab", name="Photo").click()
    page.locator("#styles .thumbnail-item").filter(has_text="Waves of Mine").click()
    page.get_by_role("tab", name="Live").click()
    page.locator("#live-style label").filter(has_text="Waves of Mine").wait_for()


def test_a_second_training_waits_and_is_withdrawn(
    page: Any, browser: Any, studio: Studio, painting: Path
) -> None:
    ask_for(page, painting, "First")
    status(page, "left").wait_for()
    with opened_page(browser, studio.address) as other:
        other.get_by_role("tab", name="Train").click()
        # A page that is opened anew shows the training that runs.
        status(other, "left").wait_for()
        ask_for(other, painting, "Second")
        status(other, "Waiting for 1 other training").wait_for()
        other.click("#stop-training")
        status(other, "Withdrawn").wait_for()
    page.click("#stop-training")
    status(page, "First is ready").wait_for()


def test_what_is_missing_is_said(page: Any, painting: Path) -> None:
    told = page.locator(".toast-body")
    page.click("#train")
    told.filter(has_text="there is no painting yet").wait_for()
    ask_for(page, painting, "The Scream")
    told.filter(has_text="the-scream: is the name of a style that comes with fastst").wait_for()
