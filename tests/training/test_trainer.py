"""Real trainings, small ones: a loss network with random weights, crops of 64 px, a narrow network."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import fastst
from fastst.errors import FaststError, UsageError
from fastst.losses.settings import recorded_objective
from fastst.networks.checkpoint import load_checkpoint
from fastst.training.loop import Interrupted
from fastst.training.monitor import StepReport
from fastst.training.state import state_digest, state_path
from tests.trainings import SMALL


@pytest.fixture
def settings(vgg_file: Path) -> dict[str, Any]:
    return {**SMALL, "loss_network_weights": vgg_file}


class TestTraining:
    def test_the_loss_falls(self, painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
        losses: list[float] = []
        fastst.train(
            painting,
            tmp_path / "style.safetensors",
            **{**settings, "steps": 60, "warm_up": 5},
            on_step=lambda report: losses.append(report.terms["total"]),
        )
        assert len(losses) == 60
        assert sum(losses[-10:]) < 0.8 * sum(losses[:10])

    def test_it_falls_in_half_precision_too(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        losses: list[float] = []
        fastst.train(
            painting,
            tmp_path / "style.safetensors",
            **{**settings, "precision": "bf16", "steps": 30, "warm_up": 5},
            on_step=lambda report: losses.append(report.terms["total"]),
        )
        assert sum(losses[-5:]) < 0.9 * sum(losses[:5])

    def test_the_checkpoint_says_what_it_is(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "style.safetensors"
        result = fastst.train(painting, output, **settings, steps=2, painter="Nobody", year="1900")
        metadata = load_checkpoint(output).metadata
        assert metadata == result.metadata.model_copy(update={"weights_digest": metadata.weights_digest})
        assert (metadata.title, metadata.painter, metadata.steps, metadata.data) == (
            "Waves", "Nobody", 2, "synthetic",
        )  # fmt: skip
        assert metadata.training["objective"]["content_layer"] == "relu2_2"
        assert 0.8 <= metadata.training["contrast_gain"] <= 1.25
        assert str(tmp_path) not in metadata.model_dump_json()
        assert not state_path(output).exists()

    def test_accumulation_takes_more_pictures_a_step(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        fastst.train(painting, output, **settings, steps=2, accumulation=3)
        metadata = load_checkpoint(output).metadata
        assert (metadata.steps, metadata.training["pictures"]) == (2, 6)

    def test_minutes_stop_it_too(self, painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
        result = fastst.train(painting, tmp_path / "s.safetensors", **settings, steps=100_000, minutes=2 / 60)
        assert 1 <= result.metadata.steps < 1000
        assert 2 <= result.seconds < 10

    def test_it_ends_where_it_is_told_to_finish(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        steps: list[int] = []
        result = fastst.train(
            painting,
            output,
            **settings,
            steps=50,
            on_step=lambda report: steps.append(report.step),
            should_finish=lambda: len(steps) == 3,
        )
        assert result.metadata.steps == load_checkpoint(output).metadata.steps == 3
        assert not state_path(output).exists()

    def test_init_starts_from_another_style(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
        fastst.train(painting, first, **settings, steps=3)
        fastst.train(painting, second, **settings, steps=1, learning_rate=1e-9, init=str(first))
        for name, tensor in load_file(first).items():
            # What the contrast is matched by at the end is matched twice then.
            if not name.startswith("network.paint"):
                torch.testing.assert_close(load_file(second)[name], tensor)
        with pytest.raises(FaststError, match="width"):
            other = {**settings, "options": {"width": 5}}
            fastst.train(painting, second, **other, init=str(first), overwrite=True)

    def test_the_temporal_loss_reports_its_term_and_is_written_down(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        reports: list[StepReport] = []
        fastst.train(painting, output, **settings, steps=2, temporal_weight=0.5, on_step=reports.append)
        assert all(report.terms["temporal"] > 0 for report in reports)
        assert load_checkpoint(output).metadata.training["temporal_weight"] == 0.5

    def test_preview_sheet(
        self, painting: Path, photo: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        fastst.train(
            painting,
            tmp_path / "s.safetensors",
            **settings,
            steps=2,
            preview_every=2,
            preview_photos=photo.parent,
        )
        from PIL import Image

        with Image.open(tmp_path / "s.preview.png") as sheet:
            assert sheet.size == (400, 800)


class TestStyle:
    def test_every_step_of_another_statistic_repeats(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        other = {**settings["objective"], "style_loss": "sliced-wasserstein:0.5+moments"}
        once, again = tmp_path / "once.safetensors", tmp_path / "again.safetensors"
        for output in (once, again):
            fastst.train(painting, output, **{**settings, "objective": other}, steps=3)
        assert once.read_bytes() == again.read_bytes()
        recorded = load_checkpoint(once).metadata.training["objective"]["style_loss"]
        assert recorded == {"sliced-wasserstein": 0.5, "moments": 1.0}

    def test_a_style_mask_leaves_the_rest_of_the_painting_out(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        from PIL import Image

        mask, half, full = (tmp_path / f"{name}.png" for name in ("mask", "half", "full"))
        with Image.open(painting) as opened:
            whole = opened.convert("RGB")
        left = (0, 0, whole.width // 2, whole.height)
        white = Image.new("L", whole.size)
        white.paste(255, left)
        white.save(mask)
        black_right = Image.new("RGB", whole.size)
        black_right.paste(whole.crop(left), left)
        black_right.save(half)
        whole.save(full)
        losses = {}
        # A layer that sees 3 px: what lies outside the mask touches its rim alone.
        layers = {"content_layer": "relu2_2", "style_layers": {"relu1_1": 1.0}}
        for style in (half, full):
            for chosen in (None, mask):
                reports: list[StepReport] = []
                fastst.train(
                    style,
                    tmp_path / f"{style.stem}-{chosen is None}.safetensors",
                    **{**settings, "objective": layers, "architecture": "classic"},
                    steps=1,
                    style_mask=chosen,
                    on_step=reports.append,
                )
                losses[style.stem, chosen is None] = reports[0].terms["style"]
        masked, unmasked = (abs(losses["half", plain] - losses["full", plain]) for plain in (False, True))
        assert masked < 0.1 * unmasked


class TestResume:
    def test_a_training_begun_before_there_were_other_statistics_and_scales(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        as_then = {
            **settings,
            "optimizer": "adam",
            "objective": recorded_objective(settings["objective"]),
        }
        _begin(painting, output, as_then)
        saved = _saved_settings(output)
        del saved["style_mask"], saved["optimizer"]
        for name in ("style_loss", "laplacian_weight", "palette_weight", "scales", "recolor"):
            del saved["objective"][name]
        _save_settings(output, saved)
        with pytest.raises(UsageError, match="began with objective"):
            fastst.train(painting, output, **settings, steps=2, resume=True)
        fastst.train(painting, output, **as_then, steps=2, resume=True)
        assert load_checkpoint(output).metadata.steps == 2

    def test_where_it_began_is_recorded(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        _begin(painting, output, settings)
        assert _saved_settings(output)["init"] == "nothing"
        fastst.train(painting, output, **settings, steps=2, resume=True)
        assert load_checkpoint(output).metadata.training["init"] == "nothing"

    @pytest.mark.parametrize("init", [None, "base"])
    def test_a_chosen_network_begun_before_that_was_recorded_as_from_nothing(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path, init: str | None
    ) -> None:
        output = tmp_path / "s.safetensors"
        _begin(painting, output, settings)
        _save_settings(output, {**_saved_settings(output), "init": init})
        fastst.train(painting, output, **settings, steps=2, resume=True)
        assert load_checkpoint(output).metadata.steps == 2

    @pytest.mark.parametrize("other", [{"init": "starry-night"}, {"init": "base", "options": {}}])
    def test_one_that_began_elsewhere_is_refused(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path, other: dict[str, Any]
    ) -> None:
        output = tmp_path / "s.safetensors"
        _begin(painting, output, settings)
        _save_settings(output, {**_saved_settings(output), **other})
        with pytest.raises(UsageError, match=f"began with init {other['init']}, not nothing"):
            fastst.train(painting, output, **settings, steps=2, resume=True)

    def test_nothing_to_resume(self, painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no training to resume"):
            fastst.train(painting, tmp_path / "s.safetensors", **settings, resume=True)

    def test_other_settings_are_refused_by_name(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        output = tmp_path / "s.safetensors"
        _begin(painting, output, settings)
        with pytest.raises(UsageError, match="steps"):
            fastst.train(painting, output, **settings, steps=5, resume=True)

    def test_ctrl_c_then_resume_ends_bit_identical(
        self, painting: Path, settings: dict[str, Any], tmp_path: Path
    ) -> None:
        def stop_at_two(report: StepReport) -> None:
            if report.step == 2:
                os.kill(os.getpid(), signal.SIGINT)

        straight, stopped = tmp_path / "straight.safetensors", tmp_path / "stopped.safetensors"
        fastst.train(painting, straight, **settings, steps=5)
        with pytest.raises(Interrupted, match="after step 2"):
            fastst.train(painting, stopped, **settings, steps=5, on_step=stop_at_two)
        fastst.train(painting, stopped, **settings, steps=5, resume=True)
        assert stopped.read_bytes() == straight.read_bytes()

    def test_sigkill_then_resume_ends_bit_identical(
        self, painting: Path, vgg_file: Path, tmp_path: Path
    ) -> None:
        straight, killed = tmp_path / "straight.safetensors", tmp_path / "killed.safetensors"

        def command(output: Path, *more: str) -> list[str]:
            arguments = (
                f"train {painting} -o {output} --loss-network-weights {vgg_file} --steps 12 --save-every 3"
            )
            small = "--size 64 --style-size 64 --batch 1 --width 4 --precision fp32"
            layers = "--content-layer relu2_2 --style-layers relu1_2,relu2_2"
            return [sys.executable, "-m", "fastst", *f"{arguments} {small} {layers}".split(), *more]

        subprocess.run(command(straight), check=True)
        process = subprocess.Popen(command(killed))
        _wait_for(lambda: state_path(killed).exists())
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not killed.exists()
        subprocess.run(command(killed, "--resume"), check=True)
        assert killed.read_bytes() == straight.read_bytes()


def _begin(painting: Path, output: Path, settings: dict[str, Any]) -> None:
    """Train one step of two, and stop."""

    def stop(report: StepReport) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="--resume"):
        fastst.train(painting, output, **settings, steps=2, on_step=stop)


def _saved_settings(output: Path) -> dict[str, Any]:
    with safe_open(state_path(output), framework="pt") as file:
        return json.loads(file.metadata()["settings"])


def _save_settings(output: Path, saved: dict[str, Any]) -> None:
    """Put other settings into a training's state."""
    state = state_path(output)
    with safe_open(state, framework="pt") as file:
        header, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    header["settings"] = json.dumps(saved)
    save_file(tensors, state, metadata={**header, "digest": state_digest(header, tensors)})


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_loss_that_is_no_number_stops_it(painting: Path, settings: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FaststError, match="no longer a number"):
        fastst.train(painting, tmp_path / "s.safetensors", **settings, steps=20, learning_rate=1e30)
