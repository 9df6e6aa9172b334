"""The objective on a loss network small enough to work by hand: its one layer is the picture itself."""

import math

import pytest
import torch
from torch import Tensor, nn

from fastst.errors import UsageError
from fastst.losses.objective import LossTerms, Objective, at_scale
from fastst.losses.regions import Region
from fastst.losses.settings import ObjectiveSettings, recorded_objective
from fastst.losses.terms import laplacian_loss
from fastst.settings import validated


class Identity(nn.Module):
    """Stands in for VGG: every layer's feature maps are the picture."""

    def forward(self, image: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
        return dict.fromkeys(layers, image)


ONE_SCALE = {
    "content_layer": "relu1_1",
    "content_weight": 1.0,
    "style_layers": {"relu1_1": 1.0},
    "tv_weight": 1.0,
    "palette_weight": 0.0,
    "scales": (1.0,),
    "recolor": False,
}


def objective(style_image: Tensor, **settings: object) -> Objective:
    chosen = ObjectiveSettings.model_validate({**ONE_SCALE, **settings})
    return Objective(Identity(), style_image, chosen)  # type: ignore[arg-type]


def judged(by: Objective, stylized: Tensor, photo: Tensor) -> LossTerms:
    return by(stylized, by.target(photo))


# One channel, two positions. Gram per position: photo (1² + 2²)/2 = 2.5, painting (3² + 1²)/2 = 5.
PHOTO = torch.tensor([[[[1.0, 2.0]]]])
PAINTING = torch.tensor([[[[3.0, 1.0]]]])
STYLIZED = torch.tensor([[[[2.0, 2.0]]]])


class TestRelativeForm:
    def test_content_is_relative_to_the_photos_energy(self) -> None:
        terms = judged(objective(PAINTING), STYLIZED, PHOTO)
        # (2 − 1)² + 0 = 1 over 1² + 2² = 5
        assert terms.content.item() == pytest.approx(0.2)

    def test_style_is_bounded_by_both_energies(self) -> None:
        terms = judged(objective(PAINTING), STYLIZED, PHOTO)
        # G = 4, A = 5: (4 − 5)² / (16 + 25)
        assert terms.style.item() == pytest.approx(1 / 41)

    def test_variation_is_per_pixel(self) -> None:
        terms = judged(objective(PAINTING, tv_weight=3.0), PHOTO, PHOTO)
        # one difference of 1 over two pixels
        assert terms.variation.item() == pytest.approx(1.5)

    def test_total_weighs_and_adds(self) -> None:
        terms = judged(
            objective(PAINTING, content_weight=10.0, style_weight=2.0, tv_weight=0.0),
            STYLIZED,
            PHOTO,
        )
        assert terms.total.item() == pytest.approx(10 * 0.2 + 2 / 41)

    def test_terms_before_they_are_weighted(self) -> None:
        weighted = objective(PAINTING, content_weight=10.0, style_weight=2.0, tv_weight=0.0)
        terms = weighted.unweighted(STYLIZED, weighted.target(PHOTO))
        assert (terms.content.item(), terms.style.item()) == pytest.approx((0.2, 1 / 41))
        assert weighted.unweighted(PHOTO, weighted.target(PHOTO)).variation.item() == pytest.approx(0.5)

    def test_the_painting_itself_has_no_style_error(self) -> None:
        assert judged(objective(PAINTING), PAINTING, PHOTO).style.item() == 0.0

    def test_size_does_not_matter(self) -> None:
        small, large = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 6, 6)
        once = judged(objective(large), small, small)
        tiled = judged(
            objective(large.repeat(1, 1, 2, 2)), small.repeat(1, 1, 3, 3), small.repeat(1, 1, 3, 3)
        )
        torch.testing.assert_close(tiled.style, once.style)

    @pytest.mark.parametrize("brightness", [0.001, 1000.0])
    def test_style_never_exceeds_the_layers_weights(self, brightness: float) -> None:
        terms = judged(
            objective(PAINTING, style_layers={"relu1_1": 1.0, "relu2_1": 0.5}), PHOTO * brightness, PHOTO
        )
        assert 0 < terms.style.item() <= 1.5

    def test_each_picture_of_a_batch_for_itself(self) -> None:
        batch, photos = torch.cat([STYLIZED, PHOTO]), torch.cat([PHOTO, PHOTO])
        together = judged(objective(PAINTING), batch, photos).total
        apart = [judged(objective(PAINTING), picture[None], PHOTO).total.item() for picture in batch]
        assert together.tolist() == pytest.approx(apart)


class TestSumsForm:
    def test_exact_sums(self) -> None:
        terms = judged(objective(PAINTING, form="sums", tv_weight=1.0), STYLIZED, PHOTO)
        # Gram matrices as plain sums: 8 and 10
        assert (terms.content.item(), terms.style.item(), terms.variation.item()) == (1.0, 4.0, 0.0)


class TestStyleLoss:
    def test_statistics_add_up_with_their_weights(self) -> None:
        gram, moments = (
            judged(objective(PAINTING, style_loss=name), PHOTO, PHOTO).style for name in ("gram", "moments")
        )
        both = objective(PAINTING, style_loss="gram:2+moments:0.5", style_layers={"relu1_1": 3.0})
        torch.testing.assert_close(judged(both, PHOTO, PHOTO).style, 3 * (2 * gram + 0.5 * moments))

    def test_gram_is_what_old_checkpoints_meant(self) -> None:
        recorded = ObjectiveSettings.model_validate(recorded_objective({"style_weight": 2.0}))
        assert (recorded.style_loss, recorded.scales, recorded.recolor) == ({"gram": 1.0}, (1.0,), False)
        assert (recorded.content_weight, recorded.tv_weight, recorded.palette_weight) == (1, 1, 0)

    def test_the_papers_form_has_the_papers_statistic(self) -> None:
        sums = ObjectiveSettings.model_validate({"form": "sums"})
        assert (sums.style_loss, sums.scales, sums.recolor) == ({"gram": 1.0}, (1.0,), False)
        assert (sums.content_weight, sums.tv_weight, sums.palette_weight) == (1, 1, 0)

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
            ({"style_weight": math.inf}, "style_weight: input should be a finite number"),
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
            ObjectiveSettings.model_validate({"form": "sums", "style_loss": {"gram": 1.0, "mrf": 1.0}})


class TestLaplacian:
    def test_it_adds_to_the_content(self) -> None:
        photo, stylized = torch.rand(2, 1, 3, 12, 12)
        plain = judged(objective(stylized), stylized, photo).content
        steered = objective(stylized, laplacian_weight=2.0)
        found = judged(steered, stylized, photo).content
        torch.testing.assert_close(found, plain + laplacian_loss(stylized, photo, weight=2.0))


class TestScales:
    """Constant pictures, which are the same at every scale, so that each scale's terms are known."""

    def test_shares_add_up_to_one_and_each_scale_has_its_content(self) -> None:
        light, dark = torch.full((1, 3, 96, 96), 0.6), torch.full((1, 3, 96, 96), 0.4)
        settings = {
            "coarse_content_layer": "relu1_1",
            "coarse_content_weight": 3.0,
            "scales": (1.0, 1.0, 0.5),
        }
        by = objective(light, **settings)
        terms = judged(by, light, dark)
        # (0.2 / 0.4)² = 1/4 at each scale; weights 1 at full size of 1 / 2.5, and 3 at the others.
        assert terms.content.item() == pytest.approx(0.25 * (1 + 3 * 1.5) / 2.5)
        assert by.unweighted(light, by.target(dark)).content.item() == pytest.approx(0.25)
        # Gram matrices of 0.36 and 0.16, all nine entries alike.
        expected = (0.36 - 0.16) ** 2 / (0.36**2 + 0.16**2)
        assert judged(by, dark, dark).style.item() == pytest.approx(expected, rel=1e-4)

    def test_a_small_picture_is_judged_at_full_size_alone(self) -> None:
        small = torch.rand(1, 3, 40, 80, generator=torch.Generator().manual_seed(0))
        three = objective(small, scales=(1.0, 1.0, 0.5))
        one = objective(small)
        photo = small.flip(3)
        torch.testing.assert_close(judged(three, photo, small).total, judged(one, photo, small).total)

    def test_the_window_is_of_the_full_scale(self) -> None:
        generator = torch.Generator().manual_seed(0)
        painting, photo, stylized = (torch.rand(1, 3, 96, 96, generator=generator) for _ in range(3))
        window = (slice(8, 56), slice(40, 88))
        elsewhere = stylized.clone()
        elsewhere[..., 60:, :] = 0.5
        full, coarse = objective(painting), objective(painting, scales=(0.0, 1.0))
        for by, same in ((full, True), (coarse, False)):
            target = by.target_of(photo, window=window)
            assert torch.equal(by(stylized, target).total, by(elsewhere, target).total) == same

    def test_half_the_size_is_the_mean_of_fours_inside(self) -> None:
        image = torch.rand(1, 3, 8, 10)
        # An antialiased triangle of width 4: shares 1/8, 3/8, 3/8, 1/8 of four neighbors a side.
        shares = torch.tensor([1, 3, 3, 1]) / 8
        expected = torch.einsum("y,x,cyx->c", shares, shares, image[0, :, 1:5, 3:7])
        torch.testing.assert_close(at_scale(image, 1)[0, :, 1, 2], expected)


class TestRecolor:
    def test_the_content_image_is_moved_to_the_paintings_mean(self) -> None:
        painting = torch.rand(1, 3, 20, 20, generator=torch.Generator().manual_seed(0)) * 0.4 + 0.3
        photo = painting.flip(2) * 0.5
        by = objective(painting, recolor=True)
        found = by.target(photo).image.mean(dim=(2, 3))
        torch.testing.assert_close(found, painting.mean(dim=(2, 3)), rtol=0, atol=5e-3)
        assert objective(painting).target(photo).image is photo

    def test_each_region_takes_its_own_colors(self) -> None:
        photo = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
        dark, light = photo.flip(3) * 0.3, photo.flip(2) * 0.3 + 0.6
        left = torch.zeros(1, 1, 32, 32)
        left[..., :16] = 1
        regions = [Region(dark, mask=left, share=0.5), Region(light, mask=1 - left, share=0.5)]
        settings = ObjectiveSettings.model_validate({**ONE_SCALE, "recolor": True})
        found = Objective(Identity(), dark, settings, regions=regions).recolored(photo)  # type: ignore[arg-type]
        for half, painting in ((found[..., :16], dark), (found[..., 16:], light)):
            torch.testing.assert_close(half.mean(dim=(2, 3)), painting.mean(dim=(2, 3)), rtol=0, atol=0.02)


class TestObjectiveSettings:
    def test_layers_as_the_command_line_writes_them(self) -> None:
        settings = ObjectiveSettings.model_validate({"style_layers": "relu1_1, relu2_2:0.5"})
        assert settings.style_layers == {"relu1_1": 1.0, "relu2_2": 0.5}
        assert settings.layers == ("relu1_1", "relu2_2", "relu3_3", "relu4_3")

    @pytest.mark.parametrize("layers", ["relu9_9", "relu1_1:much", "", {"pool1": 1.0}])
    def test_bad_layers_are_refused_in_one_line(self, layers: object) -> None:
        with pytest.raises(UsageError) as caught:
            ObjectiveSettings.model_validate({"style_layers": layers})
        assert "\n" not in str(caught.value)
