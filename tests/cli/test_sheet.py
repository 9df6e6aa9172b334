"""A photo in many styles through the real command line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fastst
from fastst.cli.main import main
from fastst.networks.styles import style_names


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    return int(caught.value.code or 0)


def test_every_installed_style_is_on_it(photo: Path, tmp_path: Path) -> None:
    seen = []
    sheet = fastst.style_sheet(photo, size=48, on_style=lambda *done: seen.append(done))
    count = len(style_names())
    assert seen == [(done, count) for done in range(count + 1)]
    one = fastst.style_sheet(photo, size=48, styles=["starry-night"])
    assert sheet.width * sheet.height > one.width * one.height * (count + 1) / 4


def test_the_photo_first_and_then_the_styles_named(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    mix = "starry-night+the-scream"
    assert run("sheet", photo, "-s", "starry-night", "-s", mix, "--size", "101", "-o", out) == 0
    with Image.open(out) as picture:
        sheet = np.asarray(picture.convert("RGB"), dtype=float)
    with Image.open(photo) as picture:
        before = np.asarray(picture.convert("RGB"), dtype=float)
        painted = np.asarray(fastst.load(mix)(picture), dtype=float)
    # Two columns of 101 + 8 px and two rows of 75 + 30 px, with a margin of 8 px.
    assert sheet.shape == (218, 226, 3)
    assert np.array_equal(sheet[8:83, 8:109], before)
    assert np.abs(sheet[113:188, 8:109] - painted).max() <= 1


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["-s", "no-such"], 2, "no-such: no such style"),
        (["--size", "0"], 2, "size is 0"),
        (["-o", "sheet.xyz"], 2, "sheet.xyz: cannot write .xyz"),
    ],
)
def test_mistakes_are_one_line(
    more: list[str], code: int, said: str, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheet.png"
    assert run("sheet", photo, *([] if "-o" in more else ["-o", out]), *more) == code
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and not out.exists()


def test_the_photo_is_kept(photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "photo.jpg"
    copy.write_bytes(photo.read_bytes())
    assert run("sheet", copy, "-s", "starry-night", "-o", copy) == 2
    assert "would overwrite the input" in capsys.readouterr().err
    assert copy.read_bytes() == photo.read_bytes()
