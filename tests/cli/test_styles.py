"""Own styles through the real command line."""

import json
from pathlib import Path

import pytest
from PIL import Image

from fastst.cli.main import main
from fastst.networks.styles import shipped_paths

SMALL = "--size 64 --style-size 64 --steps 2 --content-layer relu2_1 --style-layers relu1_2 --width 4"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FASTST_STYLES", str(tmp_path / "styles"))
    return tmp_path / "styles"


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    return int(caught.value.code or 0)


def listed(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    capsys.readouterr()
    assert run("styles", "--json") == 0
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)}


def test_trained_listed_used_and_removed(
    painting: Path, photo: Path, vgg_file: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = ("--loss-network-weights", vgg_file)
    assert run("train", painting, "--name", "my-style", *SMALL.split(), *weights) == 0
    assert "use it as -s my-style" in capsys.readouterr().out
    assert [file.name for file in folder.iterdir()] == ["my-style.safetensors"]
    rows = listed(capsys)
    assert rows["my-style"]["own"] is True and rows["starry-night"]["own"] is False
    assert rows["my-style"]["title"] == "Waves"
    out = folder.parent / "out.png"
    assert run("stylize", photo, "-s", "my-style", "-o", out) == 0
    with Image.open(out) as picture:
        assert picture.size == (101, 75)
    assert run("styles", "remove", "my-style") == 0
    assert "my-style" not in listed(capsys)


def test_a_checkpoint_is_added_and_the_table_says_where(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("styles") == 0
    told = capsys.readouterr().out
    assert "Vincent van Gogh" in told and f"no own styles in {folder}" in told
    copy = tmp_path / "mine.safetensors"
    copy.write_bytes(shipped_paths()["udnie"].read_bytes())
    assert run("styles", "add", copy) == 0
    assert run("styles", "add", copy, "--name", "other") == 0
    assert run("styles") == 0
    assert f"2 own styles in {folder}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("train a.jpg --name my-style -o a.safetensors", "give it or -o, not both"),
        ("train a.jpg --name starry-night", "comes with fastst"),
        ("train a.jpg --name a+b", "is not a name for a style"),
        ("train a.jpg", "--name my-style"),
        ("styles remove no-such", "no own style of that name; there are none"),
        ("styles remove starry-night", "comes with fastst and stays"),
        ("styles add", "Missing argument"),
        ("styles sort", "sort"),
        ("styles --json remove starry-night", "--json and --speed are for the list"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    arguments: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments.split()) == 2
    told = capsys.readouterr().err
    assert said in told and told.startswith("error: ") and told.count("\n") == 1
    assert not folder.exists()
