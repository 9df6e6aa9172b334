"""The documents tell the truth: their commands run, their files are there, their examples work."""

import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image

from fastst.cli.main import app, main
from fastst.networks.styles import shipped_paths
from tests.films import write_film

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
# What takes minutes, a camera, a server or a data set is parsed, and run by tests of its own.
QUICK = ("stylize", "styles", "sheet", "video", "export")

PHOTOS = """photo.jpg a.jpg b.jpg panorama.jpg painting.jpg another.jpg gigapixel.tif
photos/a.jpg heldout/a.jpg frames/0001.png frames/0002.png"""
MASKS = "sky.png ground.png painting_sky.png painting_ground.png face.png figure.png"


def commands() -> list[str]:
    """Every line of a code block that calls fastst, without its comment."""
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"^```[a-z]*\n(.*?)^```", document.read_text(), flags=re.S | re.M):
            joined = block.replace("\\\n", " ")
            found += [
                line.split("  #")[0].strip() for line in joined.splitlines() if line.startswith("fastst ")
            ]
    return list(dict.fromkeys(found))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of somebody who follows the documents: small files under the names that they use."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTST_STYLES", str(tmp_path / "styles"))
    (tmp_path / "styles").mkdir()
    checkpoint = shipped_paths()["udnie.film"].read_bytes()
    for name in ("my-style.safetensors", "downloaded.safetensors", "styles/my-style.safetensors"):
        (tmp_path / name).write_bytes(checkpoint)
    for name in ("photos", "heldout", "frames"):
        (tmp_path / name).mkdir()
    photo = Image.effect_noise((64, 48), 60).convert("RGB")
    photo.save(tmp_path / "in.gif", save_all=True, append_images=[photo.rotate(180)])
    for name in PHOTOS.split():
        photo.save(tmp_path / name)
    for name in MASKS.split():
        Image.linear_gradient("L").resize((64, 48)).save(tmp_path / name)
    write_film(tmp_path / "in.mp4", frames=14, times=[12800 * second for second in range(14)])
    return tmp_path


@pytest.mark.parametrize("command", commands())
def test_a_command_that_is_shown_is_understood(command: str, folder: Path) -> None:
    _, *arguments = shlex.split(re.split(r" [<>|] ", command)[0])
    root: Any = typer.main.get_command(app)
    if arguments[0].startswith("--"):
        assert arguments[0] in {name for option in root.params for name in option.opts}
        return
    name, *rest = arguments
    context = root.make_context("fastst", [name])
    with root.commands[name].make_context(name, rest, parent=context):
        pass


@pytest.mark.parametrize("command", [each for each in commands() if each.split()[1] in QUICK])
def test_a_quick_command_that_is_shown_runs(command: str, folder: Path) -> None:
    _, *arguments = shlex.split(command)
    if set("<>|") & set(command) or {"--web", "--cluster", "--workers", "--speed", "--engine"} & set(
        arguments
    ):
        pytest.skip("has a test of its own")
    if "--smooth" in arguments and find_spec("cv2") is None:
        pytest.skip("needs OpenCV")
    if arguments[0] == "export" and (find_spec("onnx") is None or find_spec("onnxruntime") is None):
        pytest.skip("needs ONNX")
    if arguments[:2] == ["styles", "remove"]:
        (folder / "styles" / f"{arguments[2]}.safetensors").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_are_there(document: Path) -> None:
    text = document.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    named = re.findall(r"`((?:fastst|scripts|tests|configs|examples|benchmarks|docs)/[\w./-]*)`", text)
    for file in [*(document.parent / link for link in links), *(ROOT / name for name in named)]:
        assert file.exists(), f"{document.name} names {file}"


def run_example(name: str, *arguments: str) -> None:
    command = [sys.executable, str(ROOT / "examples" / name), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_photos_are_repainted_by_the_example(folder: Path) -> None:
    run_example("stylize_photos.py", "photos", "out")
    assert len(list((folder / "out").iterdir())) == 3


def test_a_film_gets_its_captions_by_the_example(folder: Path) -> None:
    run_example("video_with_a_caption.py", "in.mp4", "out.mp4")
    assert (folder / "out.mp4").stat().st_size > 0


def test_a_style_is_trained_by_the_example(
    folder: Path, vgg_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTST_LOSS_NETWORK_WEIGHTS", str(vgg_file))
    painting = ROOT / "examples" / "olive-trees.jpg"
    run_example("train_a_style.py", str(painting), "photo.jpg", "out.png", "0.05")
    with Image.open(folder / "out.png") as picture:
        assert picture.size == (64, 48)


def test_an_export_runs_without_fastst_by_the_example(folder: Path) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    with pytest.raises(SystemExit) as ended:
        main(["export", "udnie.film", "--uint8", "-o", "udnie.onnx"])
    assert ended.value.code == 0
    run_example("without_fastst.py", "udnie.onnx", "photo.jpg", "out.png")
    with Image.open(folder / "out.png") as picture:
        assert picture.size == (64, 48)


def test_the_site_builds_without_warnings(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    pytest.importorskip("mkdocstrings")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "fastst.load" in (tmp_path / "site" / "api" / "index.html").read_text()
