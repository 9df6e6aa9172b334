from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import fastst
from fastst import optimize_file
from fastst.errors import UsageError
from fastst.losses.regions import read_regions

PHOTO, PAINTING = torch.rand(1, 3, 20, 40), torch.rand(1, 3, 30, 30)


def mask(path: Path, size: tuple[int, int], box: tuple[int, int, int, int]) -> Path:
    image = Image.new("L", size)
    image.paste(255, box)
    image.save(path)
    return path


@pytest.fixture
def left(tmp_path: Path) -> Path:
    return mask(tmp_path / "left.png", (80, 40), (0, 0, 40, 40))


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return mask(tmp_path / "top.png", (60, 60), (0, 0, 60, 30))


class TestReadRegions:
    def test_pairs_as_text_and_as_tuples(self, left: Path, top: Path) -> None:
        for pair in (f"{left}:{top}", (left, top)):
            sky, rest = read_regions([pair], photo=PHOTO, style_image=PAINTING)
            assert sky.source is PAINTING and rest.source is PHOTO
            assert (sky.share, rest.share) == (0.5, 0.5)
            assert sky.mask is not None and sky.mask.shape == (1, 1, 20, 40) and sky.mask[0, 0, 0, 0] == 1
            assert sky.source_mask is not None and sky.source_mask.mean() == 0.5

    def test_the_whole_painting_for_the_rest(self, left: Path) -> None:
        kept, rest = read_regions([f"{left}", "rest:all"], photo=PHOTO, style_image=PAINTING)
        assert kept.source is PHOTO and rest.source is PAINTING
        assert rest.source_mask is not None and rest.source_mask.unique().tolist() == [1]

    def test_each_mask_must_have_the_shape_of_its_own_picture(self, left: Path, top: Path) -> None:
        with pytest.raises(
            UsageError, match=r"top\.png: is 60 x 60, but the photo as it is worked is 40 x 20"
        ):
            read_regions([f"{top}:{top}"], photo=PHOTO, style_image=PAINTING)
        with pytest.raises(
            UsageError, match=r"left\.png: is 80 x 40, but the style image as it is worked is 30 x 30"
        ):
            read_regions([f"{left}:{left}"], photo=PHOTO, style_image=PAINTING)

    def test_the_rest_once(self, top: Path) -> None:
        with pytest.raises(UsageError, match="given twice"):
            read_regions([f"rest:{top}", "rest:all"], photo=PHOTO, style_image=PAINTING)


def test_a_region_alone_is_repainted(photo: Path, painting: Path, vgg_file: Path, tmp_path: Path) -> None:
    white_left = mask(tmp_path / "left.png", (101, 75), (0, 0, 51, 75))
    objective = {"content_layer": "relu1_2", "style_layers": {"relu1_2": 1.0}, "content_weight": 0.1}
    result = fastst.optimize(
        photo, painting, size=64, style_size=64, steps=8, regions=[f"{white_left}:all"],
        objective=objective, loss_network_weights=vgg_file,
    )  # fmt: skip
    with Image.open(photo) as opened:
        before = np.asarray(opened.resize(result.size, Image.Resampling.LANCZOS), float)
    change = np.abs(np.asarray(result, float) - before).mean(axis=(0, 2))
    assert change[:24].mean() > 5 * change[-24:].mean()


@pytest.mark.parametrize("taken", ["photo.png", "painting.png", "left.png", "top.png"])
def test_an_optimisation_never_overwrites_what_it_is_made_from(
    taken: str, left: Path, top: Path, tmp_path: Path
) -> None:
    for name in ("photo.png", "painting.png"):
        Image.new("RGB", (80, 40)).save(tmp_path / name)
    before = (tmp_path / taken).read_bytes()
    with pytest.raises(UsageError, match=f"{taken}: the output would overwrite the input"):
        optimize_file(
            tmp_path / "photo.png",
            tmp_path / "painting.png",
            tmp_path / taken,
            regions=[f"{left}:{top}", "rest:all"],
        )
    assert (tmp_path / taken).read_bytes() == before
