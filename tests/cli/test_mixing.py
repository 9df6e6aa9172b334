"""Mixed styles through the real command line."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from fastst.cli.main import main
from tests.films import FilmMaker

MIX = "starry-night:0.6+the-scream:0.4"


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    return int(caught.value.code or 0)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=float)


def first_frame(path: Path) -> np.ndarray:
    with av.open(str(path)) as film:
        return next(film.decode(video=0)).to_ndarray(format="rgb24").astype(float)


def test_a_picture_lies_between_those_of_the_two(photo: Path, tmp_path: Path) -> None:
    for name, style in (("one", "starry-night"), ("other", "the-scream"), ("mix", MIX)):
        assert run("stylize", photo, "-s", style, "-o", tmp_path / f"{name}.png") == 0
    one, other, mix = (pixels(tmp_path / f"{name}.png") for name in ("one", "other", "mix"))
    apart = np.abs(one - other).mean()
    assert 0 < np.abs(mix - one).mean() < apart and 0 < np.abs(mix - other).mean() < apart


def test_a_film_is_painted_by_the_mean_of_the_networks_for_film(make_film: FilmMaker, tmp_path: Path) -> None:
    film = make_film()
    mix = "starry-night.film:0.6+the-scream.film:0.4"
    for name, style in (("named", mix), ("chosen", MIX), ("one", "starry-night")):
        assert run("video", film, "-s", style, "--engine", "torch", "-o", tmp_path / f"{name}.mp4") == 0
    named, chosen, one = (first_frame(tmp_path / f"{name}.mp4") for name in ("named", "chosen", "one"))
    assert np.array_equal(named, chosen) and np.abs(chosen - one).mean() > 1


def test_a_region(photo: Path, tmp_path: Path) -> None:
    Image.new("L", (101, 75), 255).save(tmp_path / "all.png")
    region = f"{tmp_path / 'all.png'}:{MIX}"
    assert run("stylize", photo, "--region", region, "--feather", "0", "-o", tmp_path / "region.png") == 0
    assert run("stylize", photo, "-s", MIX, "-o", tmp_path / "whole.png") == 0
    assert np.abs(pixels(tmp_path / "region.png") - pixels(tmp_path / "whole.png")).max() <= 1


def test_bench_names_the_mix(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--size", "64x48", "--seconds", "0.1", "--engine", "torch", "--json")
    assert run("bench", MIX, *few) == 0
    (row,) = json.loads(capsys.readouterr().out)["results"]
    assert row["style"] == MIX


def test_what_cannot_be_mixed_is_said_in_one_line(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.png"
    assert run("stylize", photo, "-s", "starry-night+the-scream.film", "-o", out) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: starry-night and the-scream.film cannot be mixed: one is a brush-wide")
    assert told.count("\n") == 1 and not out.exists()
