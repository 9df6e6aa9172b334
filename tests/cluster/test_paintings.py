"""Small trainings, as in ``tests/training/test_trainer.py``."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fastst.cluster.paintings import Style, report_table, train_folder
from fastst.errors import UsageError
from fastst.networks.checkpoint import load_checkpoint
from fastst.settings import validated
from fastst.training.loop import Interrupted
from fastst.training.settings import TrainingSettings
from fastst.training.state import state_path
from fastst.training.trainer import train_style
from tests.cluster.here import Here
from tests.trainings import SMALL


@pytest.fixture
def settings(vgg_file: Path, tmp_path: Path) -> TrainingSettings:
    small: dict[str, Any] = {
        **SMALL,
        "steps": 4,
        "painting": tmp_path,
        "output": tmp_path / "style.safetensors",
        "loss_network_weights": vgg_file,
    }
    return validated(TrainingSettings, small, origin="test")


@pytest.fixture
def train(settings: TrainingSettings, paintings: Path, photo: Path) -> Callable[..., list[Style]]:
    """Trains all, judged on one photo."""
    return lambda styles, pool=None, **options: train_folder(
        pool or Here(), settings, paintings, styles, photos=photo.parent, **options
    )


@pytest.fixture
def paintings(painting: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "paintings"
    (folder / "more").mkdir(parents=True)
    with Image.open(painting) as waves:
        waves.save(folder / "waves.png")
        waves.transpose(Image.Transpose.ROTATE_90).save(folder / "more/rain.png")
        waves.save(folder / "more/waves.jpg")
    return folder


def test_each_painting_becomes_a_style_and_all_are_in_one_report(
    train: Callable[..., list[Style]], paintings: Path, tmp_path: Path
) -> None:
    (paintings / "broken.png").write_text("no picture")
    styles = tmp_path / "styles"
    said: list[Style] = []
    trained = train(styles, on_style=said.append)
    assert [style.name for style in trained] == ["broken", "rain", "waves", "waves-2"]
    assert said == trained
    assert load_checkpoint(styles / "rain.safetensors").metadata.steps == 4
    report = [json.loads(line) for line in (styles / "report.jsonl").read_text().splitlines()]
    assert [line["style"] for line in report] == ["broken", "rain", "waves", "waves-2"]
    assert "is not a picture" in report[0]["error"]
    assert {"rank", "strokes", "edges", "steps", "pictures", "seconds", "losses"} <= report[1].keys()
    table = report_table(trained)
    assert table.count("\n") == 5 and "| broken | failed |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_same_call_goes_on(
    train: Callable[..., list[Style]], settings: TrainingSettings, paintings: Path, tmp_path: Path
) -> None:
    straight, styles = tmp_path / "straight", tmp_path / "styles"
    train(straight)
    half = settings.model_copy(
        update={"painting": paintings / "more/rain.png", "output": styles / "rain.safetensors"}
    )

    def stop(report: Any) -> None:
        if report.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted):
        train_style(half, on_step=stop)
    assert state_path(half.output).exists()
    train(styles)
    assert half.output.read_bytes() == (straight / "rain.safetensors").read_bytes()
    before = {file.name: file.stat().st_mtime_ns for file in styles.glob("*.safetensors")}
    again = train(styles)
    assert {file.name: file.stat().st_mtime_ns for file in styles.glob("*.safetensors")} == before
    assert all(style.measures["steps"] == 4 for style in again)


def test_a_training_that_is_lost_with_its_process_is_taken_up_by_another(
    train: Callable[..., list[Style]], tmp_path: Path
) -> None:
    pool = Here(lambda number, item: (number == 0 and item[0] == 1) or item[0] == 2)
    trained = train(tmp_path / "styles", pool)
    assert [style.error is None for style in trained] == [True, True, False]
    assert "every process that trains it dies" in str(trained[2].error)


def test_no_paintings_are_refused(settings: TrainingSettings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no paintings there"):
        train_folder(Here(), settings, tmp_path / "empty", tmp_path / "styles")
