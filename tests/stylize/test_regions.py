from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from fastst.errors import UsageError
from fastst.images.masks import Mask
from fastst.images.pictures import Picture
from fastst.stylize import regions
from fastst.stylize.regions import RegionStylizer, read_style_regions
from fastst.stylize.stylizer import Stylizer


class Paint(nn.Module):
    """Paints everything in one gray, and counts how often a whole photo."""

    def __init__(self, grey: float) -> None:
        super().__init__()
        self.grey = grey
        self.runs = 0

    def forward(self, image: Tensor) -> Tensor:
        self.runs += image.shape[-2:] == (100, 200)
        return torch.full_like(image, self.grey)


def paint(grey: float) -> Stylizer:
    return Stylizer(Paint(grey), {}, device="cpu")


def mask(*weights: list[float]) -> Mask:
    return Mask(Path("mask.png"), torch.tensor(weights)[None, None])


LEFT, RIGHT, WHITE = mask([1.0, 0.0]), mask([0.0, 1.0]), mask([1.0, 1.0])
# 200 x 100, so that the default edge is 2 px.
PHOTO = Image.new("RGB", (200, 100), (51, 51, 51))


def columns(styles: list[tuple[Mask | None, Stylizer]], **options: Any) -> NDArray[np.uint8]:
    """One row's gray levels."""
    feather = options.pop("feather", None)
    return np.asarray(RegionStylizer(styles, feather=feather)(PHOTO, **options))[50, :, 0]


class TestRegionStylizer:
    def test_each_style_in_its_region(self) -> None:
        row = columns([(LEFT, paint(0.0)), (RIGHT, paint(1.0))])
        assert (row[:95] == 0).all() and (row[105:] == 255).all()
        assert (np.diff(row.astype(int)) >= 0).all()

    def test_feather_is_the_width_of_the_edge(self) -> None:
        for width in (4, 40):
            row = columns([(LEFT, paint(0.0)), (RIGHT, paint(1.0))], feather=width) / 255
            assert ((row > 0.1) & (row < 0.9)).sum() == pytest.approx(width, abs=0.1 * width + 1)
        assert set(columns([(LEFT, paint(0.0)), (RIGHT, paint(1.0))], feather=0)) == {0, 255}

    def test_what_no_mask_covers_stays_the_photo_unless_the_rest_has_a_style(self) -> None:
        assert columns([(LEFT, paint(1.0))])[[10, 190]].tolist() == [255, 51]
        assert columns([(LEFT, paint(1.0)), (None, paint(0.0))])[[10, 190]].tolist() == [255, 0]
        assert columns([(None, paint(0.0))])[[10, 190]].tolist() == [0, 0]

    def test_overlapping_styles_are_mixed(self) -> None:
        row = columns([(WHITE, paint(1.0)), (RIGHT, paint(0.0))])
        assert row[10] == 255 and row[190] in (127, 128)

    def test_grey_takes_in_part(self) -> None:
        assert columns([(mask([0.5, 0.5]), paint(1.0))])[100] == pytest.approx((255 + 51) / 2, abs=1)

    def test_any_number_of_styles_each_run_once(self) -> None:
        first, second = paint(0.0), paint(1.0)
        thirds = [mask([1.0, 0, 0, 0]), mask([0.0, 1, 0, 0]), mask([0.0, 0, 1, 0]), mask([0.0, 0, 0, 1])]
        wide = [Mask(Path("m.png"), third.weights.repeat(1, 1, 2, 1)) for third in thirds]
        row = columns(list(zip(wide, (first, second, first, second), strict=True)), feather=0)
        assert row[[25, 75, 125, 175]].tolist() == [0, 255, 0, 255]
        assert isinstance(first.network, Paint) and isinstance(second.network, Paint)
        assert (first.network.runs, second.network.runs) == (1, 1)

    def test_options_and_transparency(self) -> None:
        photo = PHOTO.copy()
        photo.putalpha(Image.linear_gradient("L").resize(photo.size))
        found = RegionStylizer([(LEFT, paint(1.0))])(photo, size=100, strength=0.5)
        assert (found.size, found.mode) == ((100, 50), "RGBA")
        assert found.getpixel((10, 25))[:3] == (153, 153, 153)  # type: ignore[index]
        assert found.getpixel((90, 25))[:3] == (51, 51, 51)  # type: ignore[index]

    def test_a_mask_of_another_shape(self) -> None:
        with pytest.raises(UsageError, match=r"mask\.png: is 1 x 2, but the photo is 200 x 100"):
            RegionStylizer([(mask([1.0], [0.0]), paint(1.0))]).stylize_picture(Picture(rgb=PHOTO))

    def test_frames_are_repainted_like_photos(self) -> None:
        styles = RegionStylizer([(LEFT, paint(0.25)), (mask([0.0, 0.5]), paint(1.0))], feather=30)
        frame = np.asarray(PHOTO)
        assert np.array_equal(styles.frame(frame), np.asarray(styles(PHOTO)))
        assert np.array_equal(frame, np.asarray(PHOTO))

    def test_masks_are_made_ready_once_for_frames_of_one_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes: list[tuple[int, int]] = []
        resize = regions.resized_by_area
        monkeypatch.setattr(
            regions, "resized_by_area", lambda mask, size: sizes.append(size) or resize(mask, size)
        )
        styles = RegionStylizer([(LEFT, paint(0.0)), (None, paint(1.0))])
        for width in (200, 200, 100, 100, 100):
            frame = np.zeros((width // 2, width, 3), np.uint8)
            assert styles.frame(frame)[0, [0, -1], 0].tolist() == [0, 255]
        assert sizes == [(100, 200), (50, 100)]

    def test_a_frame_that_is_none(self) -> None:
        with pytest.raises(UsageError, match="give uint8"):
            RegionStylizer([(None, paint(1.0))]).frame(np.zeros((40, 40), np.uint8))
        with pytest.raises(UsageError, match=r"mask\.png: is 2 x 1, but the frame is 40 x 40"):
            RegionStylizer([(LEFT, paint(1.0))]).frame(np.zeros((40, 40, 3), np.uint8))

    def test_mistakes(self) -> None:
        with pytest.raises(UsageError, match="rest: is given twice"):
            RegionStylizer([(None, paint(1.0)), (None, paint(0.0))])
        with pytest.raises(UsageError, match="no regions"):
            RegionStylizer([])
        with pytest.raises(UsageError, match="feather is -1"):
            RegionStylizer([(None, paint(1.0))], feather=-1)


class TestReadStyleRegions:
    def test_each_style_is_loaded_once(self, tmp_path: Path) -> None:
        file = tmp_path / "left.png"
        Image.fromarray(np.array([[255, 0]], dtype=np.uint8)).save(file)
        loaded: list[str] = []

        def load(style: str) -> Stylizer:
            loaded.append(style)
            return paint(1.0)

        found = read_style_regions([f"{file}:a", (file, "b"), "rest:a"], feather=3, load=load)
        assert loaded == ["a", "b"]
        assert [region is None for region, _ in found.regions] == [False, False, True]
        assert found.regions[0][1] is found.regions[2][1]

    def test_a_region_without_a_style(self) -> None:
        with pytest.raises(UsageError, match=r"sky\.png: names no style"):
            read_style_regions(["sky.png"], feather=None, load=lambda style: paint(1.0))
