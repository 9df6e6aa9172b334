import pytest
import torch
from torch import Tensor

from fastst.loss_network.vgg import LossNetwork
from fastst.losses.objective import LossTerms, Objective
from fastst.losses.settings import ObjectiveSettings
from fastst.networks import build
from fastst.networks.noise import NoiseField
from fastst.training.step import random_shift, random_window, training_terms

# Smooth, as photos are.
PHOTOS = torch.nn.functional.interpolate(
    torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(1)), size=(64, 64), mode="bicubic"
).clamp(0, 1)


@pytest.fixture
def objective(vgg_weights: dict[str, Tensor]) -> Objective:
    settings = ObjectiveSettings(content_layer="relu2_1", style_layers={"relu1_2": 1.0}, recolor=False)
    painting = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    return Objective(LossNetwork(vgg_weights, settings.layers), painting, settings)


def terms(objective: Objective, network: object, *, temporal_weight: float) -> LossTerms:
    generator = torch.Generator().manual_seed(0)
    found, edges = training_terms(
        network, objective, PHOTOS, temporal_weight=temporal_weight, generator=generator
    )  # type: ignore[arg-type]
    assert edges.shape == (len(PHOTOS),)
    return found


def test_without_the_temporal_loss_there_is_no_such_term(objective: Objective) -> None:
    found = terms(objective, torch.clone, temporal_weight=0.0)
    assert found.temporal is None
    assert float(found.content.max()) == 0  # a network that paints nothing keeps all of the content


def test_the_temporal_loss_judges_pairs_and_is_weighted(objective: Objective) -> None:
    once, thrice = (terms(objective, torch.clone, temporal_weight=weight) for weight in (1.0, 3.0))
    assert once.temporal is not None and thrice.temporal is not None
    torch.testing.assert_close(3 * once.temporal, thrice.temporal)
    torch.testing.assert_close(once.content, thrice.content)
    assert once.means["total"] == pytest.approx(sum(once.means.values()) - once.means["total"])


def test_a_network_that_amplifies_noise_is_less_steady_than_one_that_paints_nothing(
    objective: Objective,
) -> None:
    def sharpen(image: Tensor) -> Tensor:
        blurred = torch.nn.functional.avg_pool2d(image, 3, stride=1, padding=1)
        return (image + 2 * (image - blurred)).clamp(0, 1)

    plain, sharpened = (
        terms(objective, network, temporal_weight=1.0).temporal for network in (torch.clone, sharpen)
    )
    assert plain is not None and sharpened is not None
    assert float(sharpened.mean()) > float(plain.mean()) > 0


def test_gradients_reach_every_weight(objective: Objective) -> None:
    network = build("swift", width=4)
    terms(objective, network, temporal_weight=1.0).total.mean().backward()
    for weight in network.parameters():
        assert weight.grad is not None and bool(weight.grad.isfinite().all())


def test_half_keeps_each_border_and_the_rest_moves_by_up_to_seven() -> None:
    generator = torch.Generator().manual_seed(0)
    shifts = [tuple(cut.start for cut in random_shift(generator)) for _ in range(2000)]
    for cuts in zip(*shifts, strict=True):
        assert set(cuts) == set(range(8))
        assert 0.5 < sum(cut == 0 for cut in cuts) / len(cuts) < 0.62  # 8 of 16, and 1 of 16 rounded down


def test_the_same_generator_draws_the_same() -> None:
    first, second = (random_shift(torch.Generator().manual_seed(5)) for _ in range(2))
    assert first == second


def test_the_window_is_half_of_each_side_and_anywhere() -> None:
    generator = torch.Generator().manual_seed(0)
    found = [random_window(250, 256, generator) for _ in range(2000)]
    windows = [window for window in found if window is not None]
    assert {(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in windows} == {
        (125, 128)
    }
    starts = [rows.start for rows, _ in windows]
    assert min(starts) == 0 and max(starts) == 125
    assert 0.08 < sum(start == 0 for start in starts) / len(starts) < 0.13  # a tenth is clipped to the border
    assert random_window(100, 400, generator) is None


def test_the_noise_has_another_place_for_each_picture_and_step_and_one_for_a_pair(
    objective: Objective,
) -> None:
    network = build("brush", width=6, half=4, blocks=1)
    field = next(module for module in network.modules() if isinstance(module, NoiseField))
    terms(objective, network, temporal_weight=0.0)
    alone = torch.stack(list(field.origin))  # type: ignore[arg-type]
    terms(objective, network, temporal_weight=1.0)
    pairs = torch.stack(list(field.origin))  # type: ignore[arg-type]
    assert alone.shape == (2, 2) and pairs.shape == (2, 4)
    assert torch.equal(pairs[:, :2], pairs[:, 2:]) and torch.equal(alone, pairs[:, :2])
    assert not torch.equal(alone[:, 0], alone[:, 1])
    assert bool((alone % 4 == 0).all())
