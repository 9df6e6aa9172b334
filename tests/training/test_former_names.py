"""Recipes, command lines, saved trainings and checkpoints from before some settings were renamed."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import fastst
from fastst.cli.main import main
from fastst.networks.checkpoint import load_checkpoint
from fastst.networks.header import read_metadata
from fastst.networks.styles import style_paths
from fastst.training.loop import Interrupted
from fastst.training.monitor import StepReport
from fastst.training.recipe import gather_settings
from fastst.training.state import state_path
from tests.training.test_state import rewrite
from tests.trainings import SMALL

RECIPE = """
painting: a.png
output: a.safetensors
licence: CC BY 4.0
average: 0.9
steady: 0.5
objective: {style_strength: 2.0, variation_weight: 0.1}
"""
FORMER = {"ema_decay": "average", "license": "licence", "temporal_weight": "steady"}
FORMER_OF_OBJECTIVE = {"style_weight": "style_strength", "tv_weight": "variation_weight"}


def test_a_recipe(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE)
    settings = gather_settings(recipe, given={})
    assert (settings.license, settings.ema_decay, settings.temporal_weight) == ("CC BY 4.0", 0.9, 0.5)
    assert (settings.objective.style_weight, settings.objective.tv_weight) == (2.0, 0.1)
    assert (
        gather_settings(recipe, given={"temporal_weight": 3.0}).temporal_weight == 3.0
    )  # what is given wins


def test_a_command_line(painting: Path, vgg_file: Path, tmp_path: Path) -> None:
    output, recipe = tmp_path / "a.safetensors", tmp_path / "small.yaml"
    recipe.write_text(json.dumps(SMALL))
    command = f"train {painting} -o {output} --config {recipe} --loss-network-weights {vgg_file}"
    options = "--steps 1 --steady 0.5 --licence=mine --variation-weight 0.1 --style-strength 2"
    with pytest.raises(SystemExit) as ended:
        main(f"{command} {options}".split())
    assert ended.value.code == 0
    metadata = load_checkpoint(output).metadata
    assert (metadata.license, metadata.training["temporal_weight"]) == ("mine", 0.5)
    assert metadata.training["objective"]["tv_weight"] == 0.1
    assert metadata.training["objective"]["style_weight"] == 2.0


def test_a_saved_training_goes_on(painting: Path, vgg_file: Path, tmp_path: Path) -> None:
    def as_before(header: dict[str, str], tensors: object) -> None:
        settings = json.loads(header["settings"])
        settings["objective"] = {
            FORMER_OF_OBJECTIVE.get(name, name): value for name, value in settings["objective"].items()
        }
        header["settings"] = json.dumps({FORMER.get(name, name): value for name, value in settings.items()})

    chosen: dict[str, Any] = {**SMALL, "loss_network_weights": vgg_file, "license": "mine", "ema_decay": 0.9}
    whole, stopped = tmp_path / "whole.safetensors", tmp_path / "stopped.safetensors"
    fastst.train(painting, whole, **chosen, steps=2)
    with pytest.raises(Interrupted):
        fastst.train(painting, stopped, **chosen, steps=2, on_step=stop_after_the_first)
    rewrite(state_path(stopped), as_before)
    fastst.train(painting, stopped, **chosen, steps=2, resume=True)
    assert stopped.read_bytes() == whole.read_bytes()


def stop_after_the_first(report: StepReport) -> None:
    if report.step == 1:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("name", ["starry-night", "starry-night.film"])
def test_a_checkpoint(name: str) -> None:
    header = read_metadata(style_paths()[name])
    assert "steady" not in header.training and "licence" not in header.model_dump()
    if name.endswith(".film"):
        assert header.training["temporal_weight"] == 1.0
