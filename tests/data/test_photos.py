import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fastst.data import content_dataset
from fastst.data.decoding import read_photo
from fastst.data.photos import PhotoCrops
from fastst.data.synthetic import SyntheticImages
from fastst.errors import FaststError, UsageError

Color = tuple[int, int, int]


def plain(path: Path, color: Color = (10, 20, 30), size: tuple[int, int] = (48, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path)
    return path


def brightness(crop: torch.Tensor) -> int:
    return round(float(crop[0].mean()) * 255)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """Photos told apart by their red, some of them in folders of their own."""
    for number in range(7):
        plain(tmp_path / ("deep/er" if number % 2 else ".") / f"{number}.png", (number * 30, 0, 0))
    return tmp_path


def test_every_epoch_shows_every_photo_once(seven: Path) -> None:
    crops = PhotoCrops(seven, size=16, seed=1, length=21)
    epochs = [[brightness(crops[index]) for index in range(start, start + 7)] for start in (0, 7, 14)]
    assert [sorted(epoch) for epoch in epochs] == [[0, 30, 60, 90, 120, 150, 180]] * 3
    assert epochs[0] != epochs[1] or epochs[1] != epochs[2]


def test_an_item_is_a_pure_function_of_seed_and_index(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 60, 80, 3), np.uint8)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    one = PhotoCrops(tmp_path, size=24, seed=4, length=30)
    other = PhotoCrops(tmp_path, size=24, seed=4, length=30)
    backwards = {index: other[index] for index in reversed(range(9))}
    assert all(torch.equal(one[index], backwards[index]) for index in range(9))
    assert not torch.equal(one[0], PhotoCrops(tmp_path, size=24, seed=5, length=30)[0])


def test_unusable_photos_are_replaced_and_named(seven: Path) -> None:
    (seven / "text.png").write_text("not a picture")
    Image.effect_noise((64, 64), 90).convert("RGB").save(seven / "whole.jpg")
    data = (seven / "whole.jpg").read_bytes()
    (seven / "whole.jpg").unlink()
    (seven / "cut.jpg").write_bytes(data[: len(data) // 2])
    plain(seven / "dot.png", (255, 255, 255), (5, 5))
    crops = PhotoCrops(seven, size=16, seed=0, length=10)
    assert {brightness(crops[index]) for index in range(10)} == {0, 30, 60, 90, 120, 150, 180}
    assert {path.name for path in crops.skipped} == {"text.png", "cut.jpg", "dot.png"}
    assert "5 x 5" in crops.skipped[seven / "dot.png"]
    assert all("\n" not in reason for reason in crops.skipped.values())


def test_workers_change_nothing_and_report_what_they_skip(seven: Path) -> None:
    (seven / "zzz.png").write_text("not a picture")
    alone = PhotoCrops(seven, size=16, seed=2, length=8)
    shared = PhotoCrops(seven, size=16, seed=2, length=8)
    expected = torch.stack([alone[index] for index in range(8)])
    assert torch.equal(
        torch.cat(list(torch.utils.data.DataLoader(shared, batch_size=2, num_workers=2))), expected
    )
    assert {path.name for path in shared.skipped} == {"zzz.png"}


@pytest.mark.parametrize("mode", ["CMYK", "L", "LA", "P", "I;16", "1", "RGBA"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((40, 40), 0x8000, np.uint16))
    else:
        image = Image.new("RGB", (40, 40), (128, 128, 128)).convert(mode)
    image.save(tmp_path / ("photo.tif" if mode in ("CMYK", "I;16") else "photo.png"))
    crop = PhotoCrops(tmp_path, size=20, seed=0, length=1)[0]
    assert crop.shape == (3, 20, 20)
    if mode not in ("1", "P"):
        assert torch.allclose(crop.mean((1, 2)), torch.full((3,), 0.5), atol=0.03)


@pytest.mark.parametrize("size", [(60, 40), (1200, 800)])
def test_turned_photos_are_upright_also_when_decoded_small(tmp_path: Path, size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise: the left becomes the top
    image.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    upright = read_photo(tmp_path / "turned.jpg", enough=32)
    assert upright.height > upright.width
    top, bottom = (upright.getpixel((upright.width // 2, row)) for row in (2, upright.height - 3))
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]


def test_big_jpegs_are_decoded_small_but_never_below_what_is_asked(tmp_path: Path) -> None:
    plain(tmp_path / "big.jpg", size=(1600, 1000))
    assert read_photo(tmp_path / "big.jpg", enough=250).size == (400, 250)
    assert min(read_photo(tmp_path / "big.jpg", enough=260).size) >= 260
    assert read_photo(tmp_path / "big.jpg", enough=900).size == (1600, 1000)


def test_a_small_photo_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FaststError, match=r"thin\.png.*100 x 31"):
        read_photo(plain(tmp_path / "thin.png", size=(100, 31)), enough=64)


def test_folders_without_a_usable_photo_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no pictures"):
        PhotoCrops(tmp_path, size=16, seed=0, length=1)
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(UsageError, match="none of its 1 pictures"):
        PhotoCrops(tmp_path, size=16, seed=0, length=1)


def test_the_source_picks_the_kind(seven: Path) -> None:
    options = {"size": 16, "seed": 0, "start": 0, "length": 3}
    assert isinstance(content_dataset(None, **options), SyntheticImages)
    assert isinstance(content_dataset("synthetic", **options), SyntheticImages)
    assert isinstance(content_dataset(str(seven), **options), PhotoCrops)
    with pytest.raises(UsageError, match="nowhere: no such folder"):
        content_dataset(str(seven / "nowhere"), **options)
    with pytest.raises(UsageError, match="is a file"):
        content_dataset(str(seven / "0.png"), **options)


def test_importing_the_package_leaves_datasets_alone() -> None:
    code = "import sys, fastst.data; sys.exit('datasets' in sys.modules or 'torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_names_that_are_no_text(tmp_path: Path) -> None:
    plain(tmp_path / os.fsdecode(b"caf\xe9.png"), (50, 0, 0))
    assert brightness(PhotoCrops(tmp_path, size=16, seed=0, length=1)[0]) == 50
