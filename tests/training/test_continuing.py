"""Going on with a training that has ended, with real small trainings as in ``test_trainer``."""

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

import fastst
from fastst.errors import UsageError
from fastst.networks.header import read_metadata
from fastst.training.loop import Interrupted
from fastst.training.monitor import StepReport
from fastst.training.state import state_path
from tests.trainings import SMALL


@pytest.fixture
def settings(vgg_file: Path) -> dict[str, Any]:
    return {
        **SMALL,
        "loss_network_weights": vgg_file,
    }


def test_the_result_is_trained_further(painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    style = tmp_path / "style.safetensors"
    fastst.train(painting, style, **settings, steps=3)
    began, weights = read_metadata(style), load_file(style)
    losses: list[float] = []
    result = fastst.train(
        painting,
        style,
        **settings,
        steps=2,
        resume=True,
        on_step=lambda report: losses.append(report.terms["total"]),
    )
    assert len(losses) == 2
    assert (result.metadata.steps, result.metadata.training["pictures"]) == (5, 5)
    for name in ("init", "seed", "painting"):
        assert result.metadata.training[name] == began.training[name]
    assert any((value != weights[name]).any() for name, value in load_file(style).items())
    assert not state_path(style).exists()


def test_what_goes_on_can_be_stopped_and_ends_the_same(
    painting: Path, settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(report: StepReport) -> None:
        if report.step == 2:
            raise KeyboardInterrupt

    for folder in ("whole", "parts"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        further = {**settings, "steps": 4, "resume": True, "save_every": 1}
        fastst.train(painting, "a.safetensors", **settings, steps=1)
        if folder == "parts":
            with pytest.raises((Interrupted, KeyboardInterrupt)):
                fastst.train(painting, "a.safetensors", **further, on_step=stop)
            assert read_metadata(Path("a.safetensors")).steps == 1  # the first result is still there
        fastst.train(painting, "a.safetensors", **further)
        assert read_metadata(Path("a.safetensors")).steps == 5
    whole, parts = (load_file(tmp_path / folder / "a.safetensors") for folder in ("whole", "parts"))
    assert all((value == parts[name]).all() for name, value in whole.items())


def test_another_painting_is_refused(painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    style, other = tmp_path / "style.safetensors", tmp_path / "other.png"
    fastst.train(painting, style, **settings, steps=1)
    other.write_bytes(painting.read_bytes())
    with pytest.raises(UsageError, match=rf"is of {painting.name}, not of other.png; choose another -o"):
        fastst.train(other, style, **settings, steps=1, resume=True)
