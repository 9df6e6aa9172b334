from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.optimization import IterationReport, OptimizationSettings, optimize_image


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
