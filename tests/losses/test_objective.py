"""The objective on a loss network small enough to work by hand: its one layer is the picture itself."""

import math

import pytest
import torch
from torch import Tensor, nn

from fastst.errors import UsageError
from fastst.losses.objective import Objective, ObjectiveSettings, recorded_objective
from fastst.losses.terms import laplacian_loss
from fastst.settings import validated


class Identity(nn.Module):
    """Stands in for VGG: every layer's feature maps are the picture."""

    def forward(self, image: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
        return dict.fromkeys(layers, image)


def objective(style_image: Tensor, **settings: object) -> Objective:
    chosen = {"content_layer": "relu1_1", "style_layers": {"relu1_1": 1.0}, "style_loss": "gram", **settings}
    return Objective(Identity(), style_image, ObjectiveSettings.model_validate(chosen))  # type: ignore[arg-type]


# One channel, two positions. Gram per position: photo (1² + 2²)/2 = 2.5, painting (3² + 1²)/2 = 5.
PHOTO = torch.tensor([[[[1.0, 2.0]]]])
PAINTING = torch.tensor([[[[3.0, 1.0]]]])
STYLISED = torch.tensor([[[[2.0, 2.0]]]])


class TestRelativeForm:
    def test_content_is_relative_to_the_photos_energy(self) -> None:
        terms = objective(PAINTING)(STYLISED, PHOTO)
        # (2 − 1)² + 0 = 1 over 1² + 2² = 5
        assert terms.content.item() == pytest.approx(0.2)

    def test_style_is_bounded_by_both_energies(self) -> None:
        terms = objective(PAINTING)(STYLISED, PHOTO)
        # G = 4, A = 5: (4 − 5)² / (16 + 25)
        assert terms.style.item() == pytest.approx(1 / 41)

    def test_variation_is_per_pixel(self) -> None:
        terms = objective(PAINTING, variation_weight=3.0)(PHOTO, PHOTO)
        # one difference of 1 over two pixels
        assert terms.variation.item() == pytest.approx(1.5)

    def test_total_weighs_and_adds(self) -> None:
        terms = objective(PAINTING, content_weight=10.0, style_strength=2.0, variation_weight=0.0)(
            STYLISED, PHOTO
        )
        assert terms.total.item() == pytest.approx(10 * 0.2 + 2 / 41)

    def test_terms_before_they_are_weighted(self) -> None:
        weighted = objective(PAINTING, content_weight=10.0, style_strength=2.0, variation_weight=0.0)
        terms = weighted.unweighted(STYLISED, PHOTO)
        assert (terms.content.item(), terms.style.item()) == pytest.approx((0.2, 1 / 41))
        assert weighted.unweighted(PHOTO, PHOTO).variation.item() == pytest.approx(0.5)

    def test_the_painting_itself_has_no_style_error(self) -> None:
        assert objective(PAINTING)(PAINTING, PHOTO).style.item() == 0.0

    def test_size_does_not_matter(self) -> None:
        small, large = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 6, 6)
        once = objective(large)(small, small)
        tiled = objective(large.repeat(1, 1, 2, 2))(small.repeat(1, 1, 3, 3), small.repeat(1, 1, 3, 3))
        torch.testing.assert_close(tiled.style, once.style)

    @pytest.mark.parametrize("brightness", [0.001, 1000.0])
    def test_style_never_exceeds_the_layers_weights(self, brightness: float) -> None:
        terms = objective(PAINTING, style_layers={"relu1_1": 1.0, "relu2_1": 0.5})(PHOTO * brightness, PHOTO)
        assert 0 < terms.style.item() <= 1.5

    def test_each_picture_of_a_batch_for_itself(self) -> None:
        batch, photos = torch.cat([STYLISED, PHOTO]), torch.cat([PHOTO, PHOTO])
        together = objective(PAINTING)(batch, photos).total
        apart = [objective(PAINTING)(picture[None], PHOTO).total.item() for picture in batch]
        assert together.tolist() == pytest.approx(apart)


class TestSumsForm:
    def test_exact_sums(self) -> None:
        terms = objective(PAINTING, form="sums", variation_weight=1.0)(STYLISED, PHOTO)
        # Gram matrices as plain sums: 8 and 10
        assert (terms.content.item(), terms.style.item(), terms.variation.item()) == (1.0, 4.0, 0.0)


class TestStyleLoss:
    def test_statistics_add_up_with_their_weights(self) -> None:
        gram, moments = (
            objective(PAINTING, style_loss=name)(PHOTO, PHOTO).style for name in ("gram", "moments")
        )
        both = objective(PAINTING, style_loss="gram:2+moments:0.5", style_layers={"relu1_1": 3.0})
        torch.testing.assert_close(both(PHOTO, PHOTO).style, 3 * (2 * gram + 0.5 * moments))

    def test_gram_is_what_old_checkpoints_meant(self) -> None:
        written = ObjectiveSettings().model_dump()
        del written["style_loss"], written["laplacian_weight"]
        recorded = ObjectiveSettings.model_validate(recorded_objective(written))
        assert recorded == ObjectiveSettings(style_loss={"gram": 1.0})

    def test_the_papers_form_has_the_papers_statistic(self) -> None:
        assert ObjectiveSettings().style_loss == {"covariance": 1.0}
        assert ObjectiveSettings(form="sums").style_loss == {"gram": 1.0}

    @pytest.mark.parametrize(
        ("style_loss", "said"),
        [
            ("gramm", "there are gram, covariance"),
            ("gram:much", "gram:1\\+histogram"),
            ("gram:-1", "weight is -1"),
            ({"mrf": 0}, "weight is 0"),
            ("gram:nan", "weight is nan"),
            ("", "no style loss"),
            ("gram:", "gram:1\\+histogram"),
        ],
    )
    def test_mistakes_are_said_in_one_line(self, style_loss: object, said: str) -> None:
        with pytest.raises(UsageError, match=said) as caught:
            ObjectiveSettings.model_validate({"style_loss": style_loss})
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("bad", "said"),
        [
            ({"style_strength": math.inf}, "style_strength: input should be a finite number"),
            ({"laplacian_weight": math.inf}, "laplacian_weight: input should be a finite number"),
            ({"style_layers": "relu1_2:nan"}, "relu1_2: input should be a finite number"),
            ({"style_layers": "relu1_2:-1"}, "relu1_2: input should be greater than or equal to 0"),
        ],
    )
    def test_weights_that_no_search_survives_are_refused(self, bad: dict[str, object], said: str) -> None:
        with pytest.raises(UsageError, match=said):
            validated(ObjectiveSettings, bad, origin="objective")

    def test_plain_sums_are_of_the_gram_matrix_alone(self) -> None:
        with pytest.raises(UsageError, match="sums"):
            ObjectiveSettings(form="sums", style_loss={"gram": 1.0, "mrf": 1.0})


class TestLaplacian:
    def test_it_adds_to_the_content(self) -> None:
        photo, stylised = torch.rand(2, 1, 3, 12, 12)
        plain = objective(stylised)(stylised, photo).content
        steered = objective(stylised, laplacian_weight=2.0)
        found = steered(stylised, photo, content_image=photo).content
        torch.testing.assert_close(found, plain + laplacian_loss(stylised, photo, weight=2.0))

    def test_it_needs_the_photo(self) -> None:
        with pytest.raises(ValueError, match="content image"):
            objective(PAINTING, laplacian_weight=1.0)(PHOTO, PHOTO)


class TestObjectiveSettings:
    def test_layers_as_the_command_line_writes_them(self) -> None:
        settings = ObjectiveSettings.model_validate({"style_layers": "relu1_1, relu2_2:0.5"})
        assert settings.style_layers == {"relu1_1": 1.0, "relu2_2": 0.5}
        assert settings.layers == ("relu1_1", "relu2_2", "relu3_3")

    @pytest.mark.parametrize("layers", ["relu9_9", "relu1_1:much", "", {"pool1": 1.0}])
    def test_bad_layers_are_refused_in_one_line(self, layers: object) -> None:
        with pytest.raises(UsageError) as caught:
            ObjectiveSettings.model_validate({"style_layers": layers})
        assert "\n" not in str(caught.value)
