"""Trainings one after another, without a page."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fastst.errors import UsageError
from fastst.networks.styles import installed_styles
from fastst.studio.training_desk import Job, Stage, TrainingDesk, style_name
from tests.trainings import SMALL


@pytest.fixture
def styles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FASTST_STYLES", str(tmp_path / "styles"))
    return tmp_path / "styles"


@pytest.fixture
def desk(styles: Path, vgg_file: Path, tmp_path: Path) -> Iterator[TrainingDesk]:
    (tmp_path / "work").mkdir()
    opened = TrainingDesk(tmp_path / "work", {**SMALL, "loss_network_weights": vgg_file})
    yield opened
    opened.close()
    assert not list((tmp_path / "work").iterdir())


def wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_trains_the_next_waits_and_both_are_kept(desk: TrainingDesk, painting: Path) -> None:
    first = desk.submit(painting, title="First", minutes=5)
    second = desk.submit(painting, title="Second", minutes=5)
    wait(lambda: first.previews > 1)
    assert second.stage is Stage.WAITING and desk.ahead(second) == 1 and desk.current() is first
    assert first.preview is not None and first.preview.startswith(b"\x89PNG")
    assert 0 < first.seconds_left < 300
    desk.finish(first)
    wait(lambda: first.is_over and second.previews)
    assert "first" in installed_styles()
    desk.finish(second)
    wait(lambda: second.is_over)
    assert [first.stage, second.stage] == [Stage.DONE, Stage.DONE]
    assert installed_styles()["second"].title == "Second"


def test_the_clock_ends_it_too(desk: TrainingDesk, painting: Path) -> None:
    job = desk.submit(painting, title="Short", minutes=0.02)
    wait(lambda: job.is_over)
    assert job.stage is Stage.DONE and "short" in installed_styles()


def test_one_that_waits_is_withdrawn_and_what_runs_is_kept_at_the_end(
    desk: TrainingDesk, painting: Path
) -> None:
    first = desk.submit(painting, title="First", minutes=5)
    second = desk.submit(painting, title="Second", minutes=5)
    wait(lambda: first.report)
    desk.close()
    assert [first.stage, second.stage] == [Stage.DONE, Stage.WITHDRAWN]
    assert "first" in installed_styles() and "second" not in installed_styles()


def test_why_it_failed_is_told_and_the_next_begins(
    desk: TrainingDesk, painting: Path, tmp_path: Path
) -> None:
    fake = tmp_path / "letter.jpg"
    fake.write_text("Dear Theo")
    failed: Job = desk.submit(fake, title="Letter", minutes=5)
    job = desk.submit(painting, title="Painting", minutes=0.01)
    wait(lambda: job.is_over)
    assert failed.stage is Stage.FAILED and "is not a picture" in failed.reason
    assert job.stage is Stage.DONE


def test_names_that_are_taken_or_none_are_refused(desk: TrainingDesk, painting: Path) -> None:
    assert style_name("  My Style, the 2nd ") == "my-style-the-2nd"
    with pytest.raises(UsageError, match="has no name yet"):
        desk.submit(painting, title=" ? ", minutes=1)
    with pytest.raises(UsageError, match="comes with fastst"):
        desk.submit(painting, title="Udnie", minutes=1)
    desk.submit(painting, title="Mine", minutes=5)
    with pytest.raises(UsageError, match="is being trained"):
        desk.submit(painting, title="mine", minutes=1)
