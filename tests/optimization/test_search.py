import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

import fastst
from fastst.errors import UsageError
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization.search import IterationReport, optimize_image
from fastst.optimization.settings import OptimizationSettings


@pytest.fixture
def objective(vgg_weights: dict[str, Tensor]) -> Objective:
    settings = ObjectiveSettings(content_layer="relu2_1", style_layers={"relu1_2": 1.0})
    columns = torch.linspace(0, 20, 48).sin().mul(0.5).add(0.5)
    return Objective(LossNetwork(vgg_weights, settings.layers), columns.expand(1, 3, 40, 48), settings)


PHOTO = torch.rand(1, 3, 24, 20, generator=torch.Generator().manual_seed(3))


def recorder(values: list[float]) -> Callable[[IterationReport], bool]:
    def record(report: IterationReport) -> bool:
        values.append(report.total)
        return False

    return record


class TestOptimizeImage:
    @pytest.mark.parametrize("method", ["lbfgs", "adam"])
    @pytest.mark.parametrize("start", ["photo", "noise", "style"])
    def test_the_objective_falls(self, objective: Objective, method: str, start: str) -> None:
        values: list[float] = []
        settings = OptimizationSettings.model_validate({"steps": 15, "method": method, "start": start})
        style_image = torch.rand(1, 3, 30, 30)
        result = optimize_image(
            PHOTO, objective, settings, style_image=style_image, on_iteration=recorder(values)
        )
        assert len(values) == 15
        assert min(values[5:]) < 0.9 * values[0]
        assert result.shape == PHOTO.shape and result.min() >= 0 and result.max() <= 1

    def test_it_ends_when_told(self, objective: Objective) -> None:
        steps: list[int] = []

        def stop_at_three(report: IterationReport) -> bool:
            steps.append(report.step)
            return report.step == 3

        optimize_image(PHOTO, objective, OptimizationSettings(steps=50), on_iteration=stop_at_three)
        assert steps == [1, 2, 3]

    def test_noise_repeats_with_its_seed(self, objective: Objective) -> None:
        def run(seed: int) -> Tensor:
            return optimize_image(PHOTO, objective, OptimizationSettings(steps=2, start="noise", seed=seed))

        assert torch.equal(run(1), run(1))
        assert not torch.equal(run(1), run(2))


class TestCoarseFirst:
    @pytest.fixture
    def large(self, vgg_weights: dict[str, Tensor]) -> Objective:
        settings = ObjectiveSettings(
            content_layer="relu2_1", style_layers={"relu1_2": 1.0}, scales=(1.0, 1.0)
        )
        painting = torch.linspace(0, 40, 96).sin().mul(0.4).add(0.5).expand(1, 3, 96, 96)
        return Objective(LossNetwork(vgg_weights, settings.layers), painting, settings)

    def test_half_of_the_steps_are_made_at_half_size_and_shown_at_full(self, large: Objective) -> None:
        photo = torch.nn.functional.interpolate(
            torch.rand(1, 3, 6, 7, generator=torch.Generator().manual_seed(0)), (192, 200), mode="bilinear"
        )
        reports: list[IterationReport] = []

        def keep(report: IterationReport) -> bool:
            reports.append(report)
            return False

        result = optimize_image(photo, large, OptimizationSettings(steps=6), on_iteration=keep)
        assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6]
        assert all(report.image.shape == photo.shape for report in reports) and result.shape == photo.shape
        # What was enlarged from half the size has nothing of the finest detail.
        detail = [
            (report.image[..., 1:] - report.image[..., :-1]).diff(dim=-1).abs().mean() for report in reports
        ]
        assert float(detail[2]) < float(detail[5])
        assert reports[2].total < reports[0].total and reports[5].total < reports[3].total

    def test_small_pictures_have_one_size(self, objective: Objective) -> None:
        finals = [
            optimize_image(PHOTO, objective, OptimizationSettings(steps=3, coarse=share))
            for share in (0, 0.5)
        ]
        assert torch.equal(*finals)


class TestOptimizeFiles:
    """Real files through the API, on a small loss network."""

    @pytest.fixture
    def weights(self, vgg_weights: dict[str, Tensor], tmp_path: Path) -> Path:
        save_file(
            {name: tensor.contiguous() for name, tensor in vgg_weights.items()}, tmp_path / "vgg.safetensors"
        )
        return tmp_path / "vgg.safetensors"

    def options(self, weights: Path, steps: int = 3) -> dict[str, Any]:
        return {"size": 48, "style_size": 48, "steps": steps, "loss_network_weights": weights}

    def test_paintings_mix_by_their_weights(
        self, photo: Path, painting: Path, weights: Path, tmp_path: Path
    ) -> None:
        red = tmp_path / "red.png"
        Image.new("RGB", (64, 64), (200, 20, 20)).save(red)

        def redness(*mix: tuple[Path, float]) -> float:
            picture = np.asarray(fastst.optimize(photo, list(mix), **self.options(weights))).astype(float)
            return float((picture[..., 0] - picture[..., 1:].mean(axis=2)).mean())

        none, half, whole = redness((painting, 1)), redness((painting, 1), (red, 1)), redness((red, 2))
        assert none < half - 10 and half < whole - 10
        with pytest.raises(UsageError, match="not all of them 0"):
            redness((painting, 0), (red, 0))

    def test_regions_are_of_one_painting(self, photo: Path, painting: Path, weights: Path) -> None:
        with pytest.raises(UsageError, match="regions are of one painting"):
            fastst.optimize(
                photo, [(painting, 1), (painting, 2)], regions=["rest:all"], **self.options(weights)
            )

    def test_interrupted_it_keeps_the_picture_so_far(
        self, photo: Path, painting: Path, weights: Path, tmp_path: Path
    ) -> None:
        def interrupt(report: IterationReport) -> None:
            if report.step == 2:
                signal.raise_signal(signal.SIGINT)

        output = tmp_path / "out.png"
        stopped = fastst.optimize_file(
            photo, painting, output, on_iteration=interrupt, **self.options(weights, steps=50)
        )
        with Image.open(output) as picture:
            assert stopped and max(picture.size) == 48
