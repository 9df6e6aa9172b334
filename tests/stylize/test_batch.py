import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.images.masks import read_mask
from fastst.stylize.batch import stylize_files
from fastst.stylize.options import StylizeOptions
from fastst.stylize.regions import RegionStylizer
from fastst.stylize.stylizer import Stylizer


class Invert(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return 1 - image


@pytest.fixture
def stylizer() -> Stylizer:
    return Stylizer(Invert(), {}, device="cpu")


def paint(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (6, 4), (value,) * 3).save(path)
    return path


def names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def quiet(source: Path, result: Path | FaststError) -> None:
    pass


def test_one_file_to_one_file(stylizer, tmp_path):
    photo, out = paint(tmp_path / "a.png", 55), tmp_path / "new/out.bmp"
    results: list[object] = []
    failures = stylize_files(stylizer, [photo], out, on_result=lambda *pair: results.append(pair))
    assert failures == 0 and results == [(photo, out)]
    assert (np.asarray(Image.open(out)) == 200).all()


def test_bad_files_are_reported_and_the_rest_go_on(stylizer, tmp_path):
    paint(tmp_path / "in/a.png", 55)
    (tmp_path / "in/b.png").write_text("not a picture")
    paint(tmp_path / "in/c.png", 55)
    gone = tmp_path / "gone.png"
    results = {}
    failures = stylize_files(
        stylizer,
        [gone, tmp_path / "in"],
        tmp_path / "out",
        on_result=lambda source, said: results.update({source: said}),
    )
    assert failures == 2
    assert "no such file" in str(results[gone])
    assert "not a picture" in str(results[tmp_path / "in/b.png"])
    assert names(tmp_path / "out") == ["a.png", "c.png"]


def test_a_missing_single_file_is_a_reported_failure(stylizer, tmp_path):
    results: list[object] = []
    failures = stylize_files(
        stylizer, [tmp_path / "gone.jpg"], tmp_path / "o.png", on_result=lambda _, said: results.append(said)
    )
    assert failures == 1 and isinstance(results[0], FaststError)


def test_options_reach_the_pictures(stylizer, tmp_path):
    photo = paint(tmp_path / "a.png", 55)
    options = StylizeOptions(size=3, strength=0.5)
    stylize_files(stylizer, [photo], tmp_path / "o.png", options=options, on_result=quiet)
    written = Image.open(tmp_path / "o.png")
    assert written.size == (3, 2) and abs(written.getpixel((0, 0))[0] - 127.5) < 1


@pytest.mark.parametrize("link", ["none", "hard", "symbolic"])
def test_an_input_is_never_overwritten(stylizer, tmp_path, link):
    photo = paint(tmp_path / "in/a.png", 55)
    paint(tmp_path / "in/b.png", 55)
    out = photo
    if link == "hard":
        out = tmp_path / "hard.png"
        os.link(photo, out)
    elif link == "symbolic":
        out = tmp_path / "soft.png"
        out.symlink_to(photo)
    before = photo.read_bytes()
    with pytest.raises(UsageError, match="would overwrite the input"):
        stylize_files(stylizer, [photo], out, on_result=quiet)
    with pytest.raises(UsageError, match="would overwrite the input"):
        stylize_files(stylizer, [tmp_path / "in"], tmp_path / "in", on_result=quiet)
    assert photo.read_bytes() == before and names(tmp_path / "in") == ["a.png", "b.png"]


def test_a_mask_is_never_overwritten(stylizer, tmp_path):
    photo, mask = paint(tmp_path / "a.png", 55), paint(tmp_path / "sky.png", 255)
    regions = RegionStylizer([(read_mask(mask), stylizer)])
    before = mask.read_bytes()
    with pytest.raises(UsageError, match=r"sky\.png: the output would overwrite the input"):
        stylize_files(regions, [photo], mask, on_result=quiet)
    assert mask.read_bytes() == before


def test_a_second_run_into_a_folder_inside_the_source_repaints_only_the_photos(stylizer, tmp_path):
    paint(tmp_path / "in/a.png", 55)
    for _ in range(2):
        stylize_files(stylizer, [tmp_path / "in"], tmp_path / "in/out", overwrite=True, on_result=quiet)
    assert names(tmp_path / "in") == ["a.png", "out/a.png"]
    assert Image.open(tmp_path / "in/out/a.png").getpixel((0, 0)) == (200, 200, 200)


def test_a_loop_of_links_is_only_a_failure(stylizer, tmp_path):
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    photo = paint(tmp_path / "a.png")
    (tmp_path / "out").mkdir()
    assert stylize_files(stylizer, [loop, photo], tmp_path / "out", on_result=quiet) == 1
    assert names(tmp_path / "out") == ["a.png"]


def test_a_network_that_fails_on_memory_fails_one_picture(tmp_path):
    class Picky(nn.Module):
        def forward(self, image: Tensor) -> Tensor:
            if image.mean() > 0.5:
                raise torch.OutOfMemoryError("no room")
            return image

    dark, bright = paint(tmp_path / "dark.png", 0), paint(tmp_path / "bright.png", 255)
    picky = Stylizer(Picky(), {}, device="cpu")
    assert stylize_files(picky, [bright, dark], tmp_path / "out", on_result=quiet) == 1
    assert names(tmp_path / "out") == ["dark.png"]


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_go_on(stylizer, tmp_path, monkeypatch):
    # As root, no permission keeps a folder from being listed.
    paint(tmp_path / "in/a.png", 55)
    paint(tmp_path / "in/secret/b.png", 55)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    results: list[tuple[Path, Path | FaststError]] = []
    failures = stylize_files(
        stylizer, [tmp_path / "in"], tmp_path / "out", on_result=lambda *pair: results.append(pair)
    )
    assert failures == 1
    assert names(tmp_path / "out") == ["a.png"]
    assert results[0][0] == tmp_path / "in/secret"
    assert str(results[0][1]).endswith("secret: cannot be listed (Permission denied); check its permissions")
    assert results[1] == (tmp_path / "in/a.png", tmp_path / "out/a.png")


def test_an_unexpected_failure_of_one_picture_does_not_stop_the_rest(stylizer, tmp_path, monkeypatch):
    photos = [paint(tmp_path / f"{name}.png", 55) for name in "abc"]
    stylize = Stylizer.stylize_picture

    def fails(self, picture, **options):
        if picture.rgb.width == 7:
            raise RuntimeError("a bug")
        return stylize(self, picture, **options)

    Image.new("RGB", (7, 4)).save(photos[1])
    monkeypatch.setattr(Stylizer, "stylize_picture", fails)
    said: list[str] = []
    failures = stylize_files(
        stylizer, photos, tmp_path / "out", on_result=lambda source, result: said.append(str(result))
    )
    assert (failures, names(tmp_path / "out")) == (1, ["a.png", "c.png"])
    assert said[1] == f"{photos[1]}: unexpected: RuntimeError: a bug"
