from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

import fastst
from fastst.cli.tables import evaluation_tables
from fastst.errors import FaststError, UsageError
from fastst.evaluation.evaluator import Evaluator, Scores, mean_scores
from fastst.evaluation.metrics.color import mean_chroma
from fastst.evaluation.pictures import evaluate_files, trained_style_mask
from fastst.images.pictures import fit, read_picture
from fastst.images.tensors import to_image, to_tensor
from fastst.loss_network.alexnet import AlexNetFeatures
from fastst.loss_network.convolutions import tensor_shapes
from fastst.loss_network.vgg import LossNetwork
from fastst.losses.settings import ObjectiveSettings, recorded_objective
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.header import Metadata

# One scale and plain weights, so that figures can be worked out here.
SETTINGS = ObjectiveSettings.model_validate(
    recorded_objective({"content_layer": "relu2_1", "style_layers": {"relu1_2": 1.0, "relu2_1": 1.0}})
)


class Unchanged(torch.nn.Module):
    """A style network that leaves the photo as it is."""

    def forward(self, image: Tensor) -> Tensor:
        return image


@pytest.fixture(scope="module")
def alexnet_weights() -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        name: torch.randn(shape, generator=generator) / max(1, torch.Size(shape[1:]).numel()) ** 0.5
        for name, shape in tensor_shapes("alexnet").items()
    }


@pytest.fixture(scope="module")
def evaluator(
    vgg_weights: dict[str, Tensor], alexnet_weights: dict[str, Tensor], painting: Path
) -> Evaluator:
    image = to_tensor(read_picture(painting).rgb)[None]
    return Evaluator(
        image,
        SETTINGS,
        loss_network=LossNetwork(vgg_weights, SETTINGS.layers),
        second_network=AlexNetFeatures(alexnet_weights),
    )


@pytest.fixture
def unchanged() -> Checkpoint:
    metadata = Metadata(architecture="none", title="None", steps=0, data="none", fastst_version="0")
    return Checkpoint(network=Unchanged(), metadata=metadata)


class TestJudge:
    def test_the_untouched_photo_scores_as_the_photo(self, evaluator: Evaluator, photo: Path) -> None:
        image = to_tensor(fit(read_picture(photo).rgb, 160))[None]
        found = evaluator(image, image)
        assert found.content == 0.0
        assert found.style_error == found.photo_style_error > 0
        assert found.second_style_error == found.photo_second_style_error > 0
        assert found.color_distance == found.photo_color_distance > 0
        assert found.grid_energy == pytest.approx(0, abs=1e-6)
        assert found.objective == pytest.approx(found.content + found.style + found.variation)

    def test_the_painting_itself_has_its_own_style_and_colors(
        self, evaluator: Evaluator, painting: Path
    ) -> None:
        image = to_tensor(read_picture(painting).rgb)[None]
        found = evaluator(image, torch.rand_like(image))
        assert found.style == pytest.approx(0, abs=1e-6)
        assert found.style_error == pytest.approx(0, abs=1e-6)
        assert found.second_style_error == pytest.approx(0, abs=1e-6)
        assert found.chroma == found.painting_chroma
        assert found.lightness_contrast == found.painting_lightness_contrast
        assert found.color_distance < 0.5 < found.photo_color_distance

    @pytest.mark.parametrize("content_weight", [0.0, 2.5])
    def test_the_weights_are_in_the_objective_alone(
        self,
        evaluator: Evaluator,
        vgg_weights: dict[str, Tensor],
        alexnet_weights: dict[str, Tensor],
        painting: Path,
        photo: Path,
        content_weight: float,
    ) -> None:
        image = to_tensor(fit(read_picture(photo).rgb, 160))[None]
        weights = {"content_weight": content_weight, "style_weight": 0.5, "tv_weight": 3.0}
        loss_network = LossNetwork(vgg_weights, SETTINGS.layers)
        weighted = Evaluator(
            to_tensor(read_picture(painting).rgb)[None],
            SETTINGS.model_copy(update=weights),
            loss_network=loss_network,
            second_network=AlexNetFeatures(alexnet_weights),
        )
        found, same = weighted(1 - image, image), evaluator(1 - image, image)
        features, target = (
            loss_network(picture, layers=("relu2_1",))["relu2_1"] for picture in (1 - image, image)
        )
        assert found.content == pytest.approx(
            float((features - target).square().sum() / target.square().sum())
        )
        assert (found.content, found.style, found.variation) == (same.content, same.style, same.variation)
        assert found.objective == pytest.approx(
            content_weight * found.content + 0.5 * found.style + 3 * found.variation
        )


@pytest.fixture(scope="module")
def halves() -> tuple[Tensor, Tensor]:
    """A painting whose right half is another one, and a mask of its left half."""
    generator = torch.Generator().manual_seed(2)
    left = torch.rand(1, 3, 96, 96, generator=generator) * torch.tensor([1.0, 0.2, 0.2]).view(1, 3, 1, 1)
    right = torch.linspace(0.4, 1, 96).expand(1, 3, 96, 96)
    mask = torch.cat([torch.ones(1, 1, 48, 48), torch.zeros(1, 1, 48, 48)], dim=3)
    return torch.cat([left, right], dim=3), mask


class TestStyleMask:
    def evaluator(
        self,
        vgg_weights: dict[str, Tensor],
        alexnet_weights: dict[str, Tensor],
        painting: Tensor,
        **more: Any,
    ) -> Evaluator:
        networks = LossNetwork(vgg_weights, SETTINGS.layers), AlexNetFeatures(alexnet_weights)
        return Evaluator(painting, SETTINGS, loss_network=networks[0], second_network=networks[1], **more)

    def test_every_figure_is_of_the_part_inside(
        self,
        vgg_weights: dict[str, Tensor],
        alexnet_weights: dict[str, Tensor],
        halves: tuple[Tensor, Tensor],
    ) -> None:
        painting, mask = halves
        left, noise = painting[..., :96], torch.rand(1, 3, 96, 96)
        masked, whole = (
            self.evaluator(vgg_weights, alexnet_weights, painting, **more)(left, noise)
            for more in ({"style_mask": mask}, {})
        )
        alone = self.evaluator(vgg_weights, alexnet_weights, left)(left, noise)
        for figure in ("chroma", "lightness_contrast"):
            of_painting = f"painting_{figure}"
            assert getattr(masked, of_painting) == pytest.approx(getattr(alone, of_painting))
            assert getattr(whole, of_painting) != pytest.approx(getattr(alone, of_painting), rel=0.1)
        assert masked.color_distance == pytest.approx(0, abs=1e-6)
        # The features beside the mask's edge see the other half too.
        for figure in ("objective", "style", "style_error", "second_style_error"):
            gap, without = (abs(getattr(found, figure) - getattr(alone, figure)) for found in (masked, whole))
            assert gap < 0.3 * without, figure

    def test_a_white_mask_changes_nothing(
        self,
        vgg_weights: dict[str, Tensor],
        alexnet_weights: dict[str, Tensor],
        halves: tuple[Tensor, Tensor],
    ) -> None:
        painting, photo = halves[0], torch.rand(1, 3, 96, 96)
        white = self.evaluator(vgg_weights, alexnet_weights, painting, style_mask=torch.ones(1, 1, 10, 20))
        plain = self.evaluator(vgg_weights, alexnet_weights, painting)
        found, expected = asdict(white(photo, photo)), asdict(plain(photo, photo))
        assert found == pytest.approx(expected, rel=1e-4)

    @pytest.mark.parametrize(
        ("shape", "said"),
        [(None, "no such file"), ((4, 10), "10 x 4"), ((8, 16), None)],
    )
    def test_it_is_looked_for_beside_the_painting(
        self,
        unchanged: Checkpoint,
        halves: tuple[Tensor, Tensor],
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        shape: tuple[int, int] | None,
        said: str | None,
    ) -> None:
        if shape is not None:
            Image.new("L", shape[::-1], 255).save(tmp_path / "figure.png")
        metadata = unchanged.metadata.model_copy(update={"training": {"style_mask": "figure.png"}})
        checkpoint = Checkpoint(network=unchanged.network, metadata=metadata)
        found = trained_style_mask(checkpoint, tmp_path / "painting.jpg", halves[0])
        if said is None:
            assert found is not None and found.shape == (1, 1, 8, 16) and not caplog.messages
        else:
            (message,) = caplog.messages
            assert found is None
            assert str(tmp_path / "figure.png") in message and said in message and "\n" not in message

    def test_a_style_that_was_trained_without_one(
        self, unchanged: Checkpoint, halves: tuple[Tensor, Tensor], caplog: pytest.LogCaptureFixture
    ) -> None:
        assert trained_style_mask(unchanged, Path("painting.jpg"), halves[0]) is None
        assert not caplog.messages

    def test_evaluate_takes_it_into_account(
        self,
        vgg_weights: dict[str, Tensor],
        alexnet_weights: dict[str, Tensor],
        halves: tuple[Tensor, Tensor],
        photo: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        weights = {"vgg16": vgg_weights, "alexnet": alexnet_weights}
        for module in ("fastst.loss_network", "fastst.evaluation.pictures"):
            monkeypatch.setattr(f"{module}.find_weights", lambda network, path=None: network)
            monkeypatch.setattr(f"{module}.load_weights", weights.__getitem__)
        style, painting, mask = (tmp_path / name for name in ("a.safetensors", "painting.png", "figure.png"))
        to_image(halves[0][0]).save(painting)
        to_image(halves[1][0].expand(3, -1, -1)).save(mask)
        objective = {"content_layer": "relu2_1", "style_layers": {"relu1_2": 1.0}}
        small: dict[str, Any] = {
            "size": 64,
            "style_size": 192,
            "batch": 1,
            "steps": 1,
            "options": {"width": 4},
        }
        fastst.train(painting, style, **small, style_mask=mask, objective=objective)
        report = fastst.evaluate(style, painting=painting, photos=[photo], size=160)
        inside = mean_chroma(halves[0][0, ..., :96])
        assert report["mean"]["painting_chroma"] == pytest.approx(inside, rel=0.02)


class TestEvaluateFiles:
    def test_a_bad_file_is_named_and_the_rest_go_on(
        self, evaluator: Evaluator, unchanged: Checkpoint, photo: Path, tmp_path: Path
    ) -> None:
        bad = tmp_path / "bad.png"
        bad.write_text("not a picture")
        progress: list[tuple[int, int]] = []
        evaluation = evaluate_files(
            unchanged,
            [bad, photo],
            evaluator,
            size=160,
            on_photo=lambda done, total: progress.append((done, total)),
        )
        assert list(evaluation.photos) == [str(photo)]
        assert list(evaluation.failed) == [str(bad)]
        assert evaluation.mean == evaluation.photos[str(photo)]
        assert progress[-1] == (2, 2)

    def test_a_photo_too_small_to_judge_is_named(
        self, evaluator: Evaluator, unchanged: Checkpoint, photo: Path, tmp_path: Path
    ) -> None:
        panorama = tmp_path / "panorama.png"
        Image.new("RGB", (600, 60)).save(panorama)
        evaluation = evaluate_files(unchanged, [panorama, photo], evaluator, size=160)
        assert list(evaluation.photos) == [str(photo)]
        assert str(panorama) in evaluation.failed[str(panorama)]

    def test_nothing_to_evaluate(self, evaluator: Evaluator, unchanged: Checkpoint, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no photos"):
            evaluate_files(unchanged, [tmp_path], evaluator, size=160)
        with pytest.raises(FaststError, match=r"none\.png"):
            evaluate_files(unchanged, [tmp_path / "none.png"], evaluator, size=160)

    def test_the_table_shows_every_ratio(
        self, evaluator: Evaluator, unchanged: Checkpoint, photo: Path
    ) -> None:
        evaluation = evaluate_files(unchanged, [photo], evaluator, size=160)
        equivalence = {"photo": "disc.jpg", "size": 128, "start": "noise"}
        equivalence |= {"network_objective": 0.5, "seconds": 60.0, "network_seconds": 0.25}
        rows = [
            {**equivalence, "iterations": 57, "limit": 300, "reached": 0.4},
            {**equivalence, "iterations": None, "limit": 300, "reached": 0.6},
        ]
        table = evaluation_tables({**evaluation.as_dict(), "equivalence": rows})
        assert "1.000" in table and "57" in table and "over 300" in table and "240 times" in table

    def test_the_table_says_how_the_objective_is_weighted(
        self, evaluator: Evaluator, unchanged: Checkpoint, photo: Path
    ) -> None:
        evaluation = evaluate_files(unchanged, [photo], evaluator, size=160).as_dict()
        assert evaluation["weights"] == {"content": 1, "laplacian": 0, "style": 1, "variation": 1}
        weights = {"content": 1.15, "laplacian": 5.0, "style": 0.0, "variation": 3.0}
        table = evaluation_tables({**evaluation, "weights": weights, "equivalence": []})
        assert "= 1.15 content + 5 laplacian + 3 variation" in table


def test_a_painting_without_color_has_no_chroma_ratio() -> None:
    mean = dict.fromkeys(Scores.__dataclass_fields__, 1.0) | {"painting_chroma": 1e-16}
    report = {"weights": {"content": 1.0}, "mean": mean, "least_edges": 1.0, "equivalence": []}
    (row,) = [line for line in evaluation_tables(report).splitlines() if "chroma" in line]
    assert row.rstrip().endswith("–")


def test_mean_of_judgements() -> None:
    names = list(Scores.__dataclass_fields__)
    first, second = (Scores(**dict.fromkeys(names, value)) for value in (1.0, 4.0))
    assert mean_scores([first, second]) == Scores(**dict.fromkeys(names, 2.5))
