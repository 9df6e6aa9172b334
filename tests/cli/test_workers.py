"""The options that spread work: what they refuse, and one run of each command in processes of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from fastst.cli.main import main
from tests.films import FilmMaker, frame_times


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    with pytest.raises(SystemExit) as exited:
        main([*map(str, arguments)])
    assert exited.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fastst", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.fixture
def photos(photo: Path) -> Path:
    return photo.parent


def test_both_or_a_number_that_is_none(photos: Path, tmp_path: Path, capsys) -> None:
    out = ("-s", "starry-night.film", "-o", tmp_path / "out")
    assert "give one of them" in refused(
        capsys, "stylize", photos, *out, "--workers", "2", "--cluster", "auto"
    )
    assert "--workers is 0" in refused(capsys, "stylize", photos, *out, "--workers", "0")


def test_anything_but_one_folder(photo: Path, photos: Path, tmp_path: Path, capsys) -> None:
    out = ("-s", "starry-night.film", "-o", tmp_path / "out", "--workers", "2")
    assert "take one folder" in refused(capsys, "stylize", photos, photo, *out)
    assert "no such folder" in refused(capsys, "stylize", photo, *out)
    assert "take one folder" in refused(capsys, "stylize", "-", *out)
    assert "no such style" in refused(capsys, "stylize", photos, "-s", "nobodys", "--workers", "2")


def test_a_film_that_cannot_be_cut(photos: Path, make_film: FilmMaker, tmp_path: Path, capsys) -> None:
    style = ("-s", "starry-night.film", "--engine", "torch", "--workers", "2")
    assert "take videos from files" in refused(capsys, "video", photos, *style, "-o", tmp_path / "out.mp4")
    assert "put together" in refused(capsys, "video", make_film(), *style, "-o", tmp_path / "out.gif")


def test_one_painting_or_what_is_for_one(painting: Path, tmp_path: Path, capsys) -> None:
    folder, styles = painting.parent, tmp_path / "styles"
    assert "give a folder of paintings" in refused(
        capsys, "train", painting, "-o", tmp_path / "a.safetensors", "--workers", "2"
    )
    assert "--name is for one painting" in refused(capsys, "train", folder, "--name", "waves")
    assert "--resume is for one" in refused(capsys, "train", folder, "-o", styles, "--resume")
    assert "needs a folder" in refused(capsys, "train", folder, "-o", tmp_path / "a.safetensors")
    assert "needs a folder" in refused(capsys, "train", folder)


@pytest.mark.slow
def test_photos_over_two_processes(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("stylize", photos, "-s", "starry-night.film", "-s", "the-scream.film", "-o", out)
    done = run(*command, "--workers", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(file.name for file in out.iterdir()) == [
        "disc.starry-night.film.jpg",
        "disc.the-scream.film.jpg",
    ]
    assert done.stdout.count("1 painted, 0 there already, 0 failed") == 2
    assert "0 painted, 1 there already" in run(*command, "--workers", "1").stdout


@pytest.mark.slow
def test_a_film_over_two_processes(make_film: FilmMaker, tmp_path: Path) -> None:
    film, out = make_film(frames=30, sound=True), tmp_path / "out.mp4"
    done = run("video", film, "-s", "starry-night", "-o", out, "--workers", "2", "--engine", "torch")
    assert (done.returncode, done.stderr) == (0, "")
    assert frame_times(out) == frame_times(film)


@pytest.mark.slow
def test_a_folder_of_paintings(painting: Path, vgg_file: Path, tmp_path: Path) -> None:
    small = "--size 64 --style-size 64 --batch 1 --width 4 --steps 2 --precision fp32"
    layers = f"--content-layer relu2_1 --style-layers relu1_2 --loss-network-weights {vgg_file}"
    styles = tmp_path / "styles"
    done = run("train", painting.parent, "-o", styles, "--workers", "1", *small.split(), *layers.split())
    assert done.returncode == 0, done.stderr
    assert {file.name for file in styles.iterdir()} == {"waves.safetensors", "report.jsonl"}
    assert "| waves | " in done.stdout
