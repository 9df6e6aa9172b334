"""The real command line in a process of its own, on real files."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fastst", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def difference(one: Path, other: Path) -> float:
    with Image.open(one) as first, Image.open(other) as second:
        return float(np.abs(np.asarray(first, float) - np.asarray(second.convert("RGB"), float)).mean())


class TestStylize:
    def test_one_photo_with_every_option(self, photo: Path, tmp_path: Path) -> None:
        full, half = tmp_path / "full.png", tmp_path / "half.png"
        assert run("stylize", photo, "-s", "starry-night", "-o", full).returncode == 0
        done = run("stylize", photo, "-s", "starry-night", "-o", half, "--strength", "0.5", "--size", "101")
        assert (done.returncode, done.stderr) == (0, "")
        with Image.open(full) as picture:
            assert picture.size == (101, 75)
        assert 0.4 < difference(half, photo) / difference(full, photo) < 0.6

    def test_a_folder_with_a_bad_file_goes_on_and_exits_with_1(self, photo: Path, tmp_path: Path) -> None:
        folder = tmp_path / "photos" / "deep"
        folder.mkdir(parents=True)
        (folder / "good.jpg").write_bytes(photo.read_bytes())
        (folder / "bad.jpg").write_bytes(photo.read_bytes()[:300])
        done = run("stylize", tmp_path / "photos", "-s", "starry-night", "-o", tmp_path / "out")
        assert done.returncode == 1
        assert "bad.jpg" in done.stderr and "Traceback" not in done.stderr
        assert [file.name for file in (tmp_path / "out").rglob("*.*")] == ["good.jpg"]

    def test_little_memory_and_large_strokes(self, tmp_path: Path) -> None:
        source, out = tmp_path / "a.tif", tmp_path / "b.tif"
        rows, columns = np.mgrid[0:500, 0:700]
        pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=-1)
        Image.fromarray(pixels.astype(np.uint8)).save(source)
        options = ["--memory", "1G", "--stroke-size", "2.5"]
        done = run("stylize", source, "-s", "starry-night", "-o", out, *options)
        assert (done.returncode, done.stderr) == (0, "")
        with Image.open(out) as picture:
            assert picture.size == (700, 500)
        done = run("stylize", source, "-s", "starry-night", "-o", out, "--memory", "100M")
        assert done.returncode == 1
        assert "MiB more" in done.stderr and done.stderr.count("\n") == 1

    def test_a_trailing_slash_means_a_folder(self, photo: Path, tmp_path: Path) -> None:
        assert run("stylize", photo, "-s", "starry-night", "-o", f"{tmp_path}/out.d/").returncode == 0
        assert (tmp_path / "out.d" / photo.name).is_file()


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["stylize", "a.jpg", "-s", "starry-night"], "--output"),
            (["stylize", "a.jpg", "-s", "no-such-style", "-o", "b.png"], "no-such-style"),
            (["stylize", "a.jpg", "-s", "starry-night", "-o", "b.png", "--strength", "2"], "strength"),
            (["stylize", "a.jpg", "-s", "starry-night", "-o", "b.png", "--stroke-size", "0"], "stroke size"),
            (["stylize", "a.jpg", "-s", "starry-night", "-o", "b.png", "--memory", "much"], "memory"),
            (["train", "-o", "a.safetensors"], "no painting"),
            (["train", "a.jpg", "-o", "a.pth"], "safetensors"),
            (["optimize", "a.jpg", "b.jpg", "-o", "c.xyz"], "xyz"),
            (["paint"], "paint"),
        ],
    )
    def test_one_line_and_exit_code_2(self, arguments: list[str], said: str) -> None:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1

    def test_a_missing_file_is_exit_code_1(self, tmp_path: Path) -> None:
        done = run("stylize", tmp_path / "none.jpg", "-s", "starry-night", "-o", tmp_path / "out.png")
        assert done.returncode == 1
        assert "none.jpg" in done.stderr and done.stderr.count("\n") == 1


def test_train_then_stylize_then_optimize(
    painting: Path, photo: Path, vgg_file: Path, tmp_path: Path
) -> None:
    style = tmp_path / "waves.safetensors"
    small = [
        "--content-layer",
        "relu2_1",
        "--style-layers",
        "relu1_2",
        "--loss-network-weights",
        str(vgg_file),
    ]
    crops = ["--size", "64", "--batch", "1", "--width", "4", "--steps", "3"]
    done = run("train", painting, "-o", style, *small, *crops, "--tensorboard", tmp_path / "log")
    assert done.returncode == 0, done.stderr
    assert "3 steps" in done.stdout and "3/3" in done.stderr
    assert list((tmp_path / "log").glob("events*"))
    assert run("stylize", photo, "-s", style, "-o", tmp_path / "a.webp").returncode == 0
    done = run(
        "optimize", photo, painting, "--size", "48", "--steps", "3", "-o", tmp_path / "b.png", *small,
        "--save-every", "1",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "b.png") as picture:
        assert max(picture.size) == 48


def test_styles_as_json() -> None:
    (row, *_) = [row for row in json.loads(run("styles", "--json").stdout) if row["name"] == "starry-night"]
    assert row["title"] == "The Starry Night"
    assert row["painter"] == "Vincent van Gogh"
    assert row["bytes"] > 100_000


def test_styles_as_a_table() -> None:
    assert "Vincent van Gogh" in run("styles").stdout


def test_weights_that_are_given(vgg_file: Path) -> None:
    done = run("weights", "--loss-network-weights", vgg_file)
    assert str(vgg_file) in done.stdout
