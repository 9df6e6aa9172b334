import pytest
import torch
from torch import Tensor, nn

from fastst.errors import UsageError
from fastst.losses.objective import Objective
from fastst.losses.regions import Region, paired_regions
from fastst.losses.settings import ObjectiveSettings
from fastst.losses.statistics.registry import STATISTICS

PHOTO = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
PAINTING = torch.rand(1, 3, 6, 10, generator=torch.Generator().manual_seed(1))
TOP = torch.zeros(1, 1, 8, 8)
TOP[..., :2, :] = 1
BOTTOM = 1 - TOP
LEFT_OF_PAINTING = torch.zeros(1, 1, 6, 10)
LEFT_OF_PAINTING[..., :5] = 1
RIGHT_OF_PAINTING = 1 - LEFT_OF_PAINTING


class Identity(nn.Module):
    def forward(self, image: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
        return dict.fromkeys(layers, image)


def objective(regions: list[Region], **settings: object) -> Objective:
    chosen = {
        "content_layer": "relu1_1",
        "style_layers": {"relu1_1": 1.0},
        "palette_weight": 0.0,
        "scales": (1.0,),
        "recolor": False,
        **settings,
    }
    return Objective(Identity(), PAINTING, ObjectiveSettings.model_validate(chosen), regions=regions)  # type: ignore[arg-type]


def style(regions: list[Region], picture: Tensor, **settings: object) -> float:
    by = objective(regions, **settings)
    return by(picture, by.target(PHOTO)).style.item()


class TestPairedRegions:
    def test_a_part_of_the_painting_goes_to_a_part_of_the_photo(self) -> None:
        pairs = [(TOP, LEFT_OF_PAINTING), (BOTTOM, RIGHT_OF_PAINTING)]
        constant = PAINTING.clone()
        constant[..., :5], constant[..., 5:] = 0.2, 0.9
        regions = paired_regions(PHOTO, constant, pairs)
        assert [region.share for region in regions] == [0.25, 0.75]
        fitting = torch.where(TOP > 0, 0.2, 0.9).expand(1, 3, 8, 8)
        assert style(regions, fitting) == pytest.approx(0, abs=1e-6)
        assert style(regions, 1.1 - fitting) > 0.5

    def test_without_a_partner_and_without_a_mask_the_photo_keeps_its_look(self) -> None:
        kept = paired_regions(PHOTO, PAINTING, [(TOP, None)])
        assert style(kept, PHOTO) == pytest.approx(0, abs=1e-6)
        assert [region.source is PHOTO for region in kept] == [True, True]
        painted = paired_regions(PHOTO, PAINTING, [(TOP, LEFT_OF_PAINTING)])
        assert [region.source is PHOTO for region in painted] == [False, True]
        changed = PHOTO.clone()
        changed[..., 5:, :] = 1
        assert style(painted, changed) > style(painted, PHOTO) + 0.01

    def test_the_rest_can_be_asked_for(self) -> None:
        regions = paired_regions(PHOTO, PAINTING, [(None, RIGHT_OF_PAINTING), (TOP, LEFT_OF_PAINTING)])
        found = {region.share: region for region in regions}
        assert torch.equal(found[0.25].mask, TOP) and found[0.25].source_mask is LEFT_OF_PAINTING
        assert torch.equal(found[0.75].mask, BOTTOM) and found[0.75].source_mask is RIGHT_OF_PAINTING

    def test_overlapping_masks_share_their_pixels(self) -> None:
        everywhere = torch.ones(1, 1, 8, 8)
        regions = paired_regions(PHOTO, PAINTING, [(everywhere, LEFT_OF_PAINTING), (TOP, RIGHT_OF_PAINTING)])
        assert [region.share for region in regions] == [0.875, 0.125]
        assert torch.equal(sum(region.mask for region in regions), everywhere)  # type: ignore[arg-type]

    def test_the_rim_that_soft_masks_leave_is_no_region(self) -> None:
        regions = paired_regions(PHOTO, PAINTING, [(0.9995 * torch.ones(1, 1, 8, 8), LEFT_OF_PAINTING)])
        assert len(regions) == 1


class TestObjective:
    def test_one_region_of_everything_is_no_region(self) -> None:
        ones = torch.ones(1, 1, 8, 8)
        regions = paired_regions(PHOTO, PAINTING, [(ones, torch.ones(1, 1, 1, 1))])
        assert style(regions, PHOTO) == pytest.approx(style([], PHOTO), rel=1e-5)

    def test_plain_sums_take_none(self) -> None:
        regions = paired_regions(PHOTO, PAINTING, [(TOP, LEFT_OF_PAINTING)])
        with pytest.raises(UsageError, match="form sums takes neither regions nor a style mask"):
            objective(regions, form="sums")

    def test_a_pixel_is_pulled_as_hard_in_a_small_region_as_in_a_large_one(self) -> None:
        even = torch.full((1, 3, 8, 8), 0.3)
        pulls = []
        for mask in (TOP, BOTTOM, torch.ones(1, 1, 8, 8)):
            region = Region(PAINTING, mask=mask, share=float(mask.mean()))
            picture = even.clone().requires_grad_()
            by = objective([region])
            by(picture, by.target(even)).style.backward()
            assert picture.grad is not None
            pulls.append(picture.grad.abs().max().item())
        assert pulls == pytest.approx([pulls[0]] * 3, rel=1e-4)

    def test_masks_of_any_size_are_resized_by_area(self) -> None:
        large = TOP.repeat_interleave(5, dim=-1).repeat_interleave(5, dim=-2)
        small, same = (Region(PAINTING, mask=mask) for mask in (large, TOP))
        assert style([small], PHOTO) == pytest.approx(style([same], PHOTO), rel=1e-5)

    @pytest.mark.parametrize("name", STATISTICS)
    def test_every_statistic_looks_inside_its_region_alone(self, name: str) -> None:
        left = torch.zeros(1, 1, 16, 16)
        left[..., :8] = 1
        generator = torch.Generator().manual_seed(2)
        painting, other = (torch.rand(1, 3, 16, 16, generator=generator) for _ in range(2))
        region = Region(painting, source_mask=left, mask=left)
        looks = objective([region], style_loss=name)
        inside, outside = (
            looks.style_terms({"relu1_1": torch.where(where > 0, painting, other)})["relu1_1"].item()
            for where in (left, 1 - left)
        )
        # Patches at the region's edge reach a little out of it.
        assert inside < 0.35 * outside
