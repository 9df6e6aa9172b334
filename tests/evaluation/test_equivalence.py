import pytest
import torch
from torch import Tensor

from fastst.evaluation.pictures import lbfgs_equivalence
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import Objective
from fastst.losses.settings import ObjectiveSettings, recorded_objective
from fastst.optimization.search import IterationReport, optimize_image
from fastst.optimization.settings import OptimizationSettings

PHOTO = torch.rand(1, 3, 24, 20, generator=torch.Generator().manual_seed(3))
PAINTING = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(4)).round()


@pytest.fixture
def objective(vgg_weights: dict[str, Tensor]) -> Objective:
    settings = ObjectiveSettings.model_validate(
        recorded_objective({"content_layer": "relu2_1", "style_layers": {"relu1_2": 1.0}})
    )
    return Objective(LossNetwork(vgg_weights, settings.layers), PAINTING, settings)


class TestLbfgsEquivalence:
    def test_counts_the_iterations_that_made_the_picture(self, objective: Objective) -> None:
        """What eight iterations made is reached after eight, when the optimizer is asked again."""
        values: list[float] = []

        def record(report: IterationReport) -> bool:
            values.append(report.total)
            return False

        made = optimize_image(
            PHOTO, objective, OptimizationSettings(steps=8, method="lbfgs"), on_iteration=record
        )
        found = lbfgs_equivalence(PHOTO, lambda photo: made, objective, name="a", start="photo", limit=20)
        assert values == sorted(values, reverse=True)
        assert found.iterations is not None and 7 <= found.iterations <= 9

    def test_the_start_itself_is_worth_nothing(self, objective: Objective) -> None:
        assert (
            lbfgs_equivalence(PHOTO, torch.clone, objective, name="a", start="photo", limit=5).iterations == 0
        )

    def test_gives_up_at_the_limit(self, objective: Objective) -> None:
        best = optimize_image(PHOTO, objective, OptimizationSettings(steps=16, method="lbfgs"))
        found = lbfgs_equivalence(PHOTO, lambda photo: best, objective, name="a", start="noise", limit=3)
        assert found.iterations is None
        assert found.reached > found.network_objective
