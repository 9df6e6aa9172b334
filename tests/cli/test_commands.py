"""The real command line in a process of its own, on real files."""

import json
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastst.cli.main import main

# Not by importing it: a process that holds Arrow's libraries too was seen to crash.
needs_onnx_runtime = pytest.mark.skipif(find_spec("onnxruntime") is None, reason="needs ONNX Runtime")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fastst", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def difference(one: Path, other: Path) -> float:
    with Image.open(one) as first, Image.open(other) as second:
        return float(np.abs(np.asarray(first, float) - np.asarray(second.convert("RGB"), float)).mean())


class TestStylize:
    def test_one_photo_with_every_option(self, photo: Path, tmp_path: Path) -> None:
        full, half = tmp_path / "full.png", tmp_path / "half.png"
        assert run("stylize", photo, "-s", "starry-night.film", "-o", full).returncode == 0
        done = run(
            "stylize", photo, "-s", "starry-night.film", "-o", half, "--strength", "0.5", "--size", "101"
        )
        assert (done.returncode, done.stderr) == (0, "")
        with Image.open(full) as picture:
            assert picture.size == (101, 75)
        assert 0.4 < difference(half, photo) / difference(full, photo) < 0.6

    @needs_onnx_runtime
    def test_every_engine_paints_the_same(self, photo: Path, tmp_path: Path) -> None:
        for engine in ("torch", "onnx"):
            file = tmp_path / f"{engine}.png"
            done = run("stylize", photo, "-s", "starry-night.film", "-o", file, "--engine", engine)
            assert (done.returncode, done.stderr) == (0, "")
        assert difference(tmp_path / "torch.png", tmp_path / "onnx.png") < 0.1

    def test_a_folder_with_a_bad_file_goes_on_and_exits_with_1(self, photo: Path, tmp_path: Path) -> None:
        folder = tmp_path / "photos" / "deep"
        folder.mkdir(parents=True)
        (folder / "good.jpg").write_bytes(photo.read_bytes())
        (folder / "bad.jpg").write_bytes(photo.read_bytes()[:300])
        done = run("stylize", tmp_path / "photos", "-s", "starry-night.film", "-o", tmp_path / "out")
        assert done.returncode == 1
        assert "bad.jpg" in done.stderr and "Traceback" not in done.stderr
        assert [file.name for file in (tmp_path / "out").rglob("*.*")] == ["good.jpg"]

    def test_little_memory_and_large_strokes(self, tmp_path: Path) -> None:
        source, out = tmp_path / "a.tif", tmp_path / "b.tif"
        rows, columns = np.mgrid[0:500, 0:700]
        pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=-1)
        Image.fromarray(pixels.astype(np.uint8)).save(source)
        options = ["--memory", "1G", "--stroke-size", "2.5"]
        done = run("stylize", source, "-s", "starry-night.film", "-o", out, *options)
        assert (done.returncode, done.stderr) == (0, "")
        with Image.open(out) as picture:
            assert picture.size == (700, 500)
        done = run("stylize", source, "-s", "starry-night.film", "-o", tmp_path / "c.tif", "--memory", "100M")
        assert done.returncode == 1
        assert "MiB more" in done.stderr and done.stderr.count("\n") == 1

    def test_several_styles_go_into_one_folder(self, photo: Path, tmp_path: Path) -> None:
        styles = ["-s", "starry-night.film", "-s", "udnie.film"]
        assert run("stylize", photo, *styles, "-o", tmp_path / "out").returncode == 0
        names = {f"{photo.stem}.{style}.film{photo.suffix}" for style in ("starry-night", "udnie")}
        assert {file.name for file in (tmp_path / "out").iterdir()} == names
        (tmp_path / "out" / f"{photo.stem}.starry-night.film{photo.suffix}").unlink()
        done = run("stylize", photo, *styles, "-o", tmp_path / "out")
        assert (done.returncode, done.stdout) == (2, "") and "is there already" in done.stderr
        assert len(list((tmp_path / "out").iterdir())) == 1

    def test_a_trailing_slash_means_a_folder(self, photo: Path, tmp_path: Path) -> None:
        assert run("stylize", photo, "-s", "starry-night.film", "-o", f"{tmp_path}/out.d/").returncode == 0
        assert (tmp_path / "out.d" / photo.name).is_file()


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["export", "starry-night.film"], "--output"),
            (["stylize", "a.jpg", "-s", "no-such-style", "-o", "b.png"], "no-such-style"),
            (["stylize", "a.jpg", "-s", "starry-night.film", "-o", "b.png", "--strength", "2"], "strength"),
            (
                ["stylize", "a.jpg", "-s", "starry-night.film", "-o", "b.png", "--stroke-size", "0"],
                "stroke size",
            ),
            (["stylize", "a.jpg", "-s", "starry-night.film", "-o", "b.png", "--memory", "much"], "memory"),
            (["train", "-o", "a.safetensors"], "no painting"),
            (["train", "a.jpg", "-o", "a.pth"], "safetensors"),
            (["optimize", "a.jpg", "b.jpg", "-o", "c.xyz"], "xyz"),
            (["optimize", "a.jpg", "b.jpg", "-o", "c.png", "--style-loss", "gramm"], "sliced-wasserstein"),
            (["stylize", "a.jpg", "-s", "starry-night.film", "-o", "b.png", "--engine", "steam"], "steam"),
            (["export", "starry-night.film", "-o", "a.pth"], "a.pth"),
            (["bench", "--size", "640"], "640x480"),
            (["paint"], "paint"),
            (
                ["stylize", "a.jpg", "-s", "starry-night.film", "-s", "wheat-field", "-o", "b.png"],
                "a folder is needed",
            ),
            (
                ["stylize", "a.jpg", "-s", "starry-night.film", "-o", "b.png", "--output", "c.png"],
                "--output is given 2",
            ),
            (["train", "a.jpg", "-o", "a.safetensors", "--steps", "1", "--steps", "2"], "--steps is given 2"),
            (["webcam", "-s", "starry-night.film", "--source", "0", "--loop", "--headless"], "--loop"),
            (["evaluate", "starry-night.film", "--video", "a.mp4", "--style", "a.jpg"], "--photos"),
            (["evaluate", "starry-night.film", "--video", "a.mp4", "--equivalence", "64"], "--equivalence"),
            (["evaluate", "starry-night.film", "--flow", "a", "--smooth"], "--smooth"),
        ],
    )
    def test_one_line_and_exit_code_2(
        self, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        # In this process, as new ones would take a minute.
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        told = capsys.readouterr()
        assert (caught.value.code, told.out) == (2, "")
        assert said in told.err
        assert told.err.startswith("error: ") and told.err.count("\n") == 1

    def test_a_missing_file_is_exit_code_1(self, tmp_path: Path) -> None:
        done = run("stylize", tmp_path / "none.jpg", "-s", "starry-night.film", "-o", tmp_path / "out.png")
        assert done.returncode == 1
        assert "none.jpg" in done.stderr and done.stderr.count("\n") == 1


class TestRegions:
    @staticmethod
    def mask(path: Path, size: tuple[int, int], left: int = 255) -> Path:
        image = Image.new("L", size)
        image.paste(left, (0, 0, size[0] // 2, size[1]))
        image.save(path)
        return path

    def test_stylize(self, photo: Path, tmp_path: Path) -> None:
        left, out = self.mask(tmp_path / "left.png", (101, 75)), tmp_path / "out.png"
        done = run("stylize", photo, "--region", f"{left}:starry-night.film", "--feather", "0", "-o", out)
        assert (done.returncode, done.stderr) == (0, "")
        with Image.open(photo) as before, Image.open(out) as after:
            change = np.abs(np.asarray(after, float) - np.asarray(before, float)).mean(axis=(0, 2))
        assert change[:50].mean() > 10 and change[-50:].max() == 0

    def test_optimize_and_train(self, photo: Path, painting: Path, vgg_file: Path, tmp_path: Path) -> None:
        left, mask = self.mask(tmp_path / "l.png", (101, 75)), self.mask(tmp_path / "m.png", (128, 96))
        loss = f"--style-loss moments:0.5+texture --laplacian 2 --loss-network-weights {vgg_file}".split()
        layers = ["--content-layer", "relu2_1", "--style-layers", "relu1_2"]
        small = [*layers, "--style-size", "64", "--size", "64", "--steps", "2"]
        out = tmp_path / "out.png"
        done = run("optimize", photo, painting, "--region", f"{left}:{mask}", *loss, *small, "-o", out)
        assert (done.returncode, out.is_file()) == (0, True), done.stderr
        style = tmp_path / "s.safetensors"
        done = run("train", painting, "--style-mask", mask, *loss, *small, "--width", "4", "-o", style)
        assert (done.returncode, style.is_file()) == (0, True), done.stderr

    @pytest.mark.parametrize(
        ("region", "said"),
        [
            ("wide.png:starry-night.film", "wide.png: is 300 x 75, but the photo is 101 x 75"),
            ("black.png:starry-night.film", "black.png: is black all over"),
            ("empty.png:starry-night.film", "empty.png: is empty"),
            ("text.png:starry-night.film", "text.png: is not a picture"),
            ("none.png:starry-night.film", "none.png: no such file"),
            ("left.png:no-such-style", "no-such-style: no such style"),
            ("left.png", "left.png: names no style"),
            ("rest:starry-night --feather -2", "feather is -2"),
            ("rest:starry-night -s starry-night", "give either a style"),
        ],
    )
    def test_bad_ones_are_said_in_one_line(
        self, region: str, said: str, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.mask(tmp_path / "wide.png", (300, 75))
        self.mask(tmp_path / "black.png", (101, 75), left=0)
        self.mask(tmp_path / "left.png", (101, 75))
        (tmp_path / "empty.png").touch()
        (tmp_path / "text.png").write_text("sky")
        named, *more = region.split()
        region = named if named.startswith("rest") else f"{tmp_path}/{named}"
        # In this process, as nine new ones would take half a minute.
        with pytest.raises(SystemExit) as caught:
            main(["stylize", str(photo), "--region", region, *more, "-o", str(tmp_path / "out.png")])
        # A file is unreadable, or one photo of the batch has another shape; else the command is wrong.
        failed = named.partition(".")[0] in ("empty", "text", "none", "wide")
        assert caught.value.code == (1 if failed else 2) and not (tmp_path / "out.png").exists()
        told = capsys.readouterr().err
        assert said in told and told.count("\n") == 1


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


_OPEN = """
import sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
(stylized,) = session.run(None, {"image": numpy.zeros((4, 50, 61, 3), numpy.uint8)})
print(session.get_modelmeta().custom_metadata_map["painter"], stylized.shape)
"""


@needs_onnx_runtime
def test_export_writes_a_file_that_opens(tmp_path: Path) -> None:
    done = run("export", "starry-night.film", "-o", tmp_path / "a.onnx", "--uint8")
    assert done.returncode == 0, done.stderr
    assert "gray levels" in done.stdout
    opened = subprocess.run(
        [sys.executable, "-c", _OPEN, tmp_path / "a.onnx"], capture_output=True, text=True, check=True
    )
    assert opened.stdout.strip() == "Vincent van Gogh (4, 50, 61, 3)"


def test_bench_as_json_and_as_a_table() -> None:
    done = run(
        "bench", "starry-night.film", "--size", "64x48", "--seconds", "0.1", "--engine", "torch", "--json"
    )
    (row,) = json.loads(done.stdout)["results"]
    assert {"style", "architecture", "engine", "width", "height", "ms", "fps", "times_classic"} <= set(row)
    assert (row["style"], row["engine"], row["width"], row["height"]) == (
        "starry-night.film",
        "torch",
        64,
        48,
    )
    table = run("bench", "--size", "64x48", "--seconds", "0.1", "--engine", "torch").stdout
    assert "64 x 48" in table and "classic 32" in table


@pytest.mark.parametrize("arguments", [["-h"], ["--help"], ["stylize", "-h"], ["styles", "-h"]])
def test_help_by_either_name(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    assert "Usage:" in capsys.readouterr().out


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"fastst {version('fastst')}\n"
