"""What cannot be said, or must not be said as it is, ends no work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastst.networks.checkpoint import load_checkpoint, save_checkpoint
from fastst.networks.styles import style_paths


def run(
    *arguments: str | Path, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "fastst", *map(str, arguments)]
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, timeout=300, env={**os.environ, **environment}
    )


@pytest.fixture
def photos(photo: Path, tmp_path: Path) -> Path:
    """A folder whose first picture has a name that is no text, and its second one that is no line."""
    (tmp_path / "photos").mkdir()
    for name in (b"a\xe9.jpg", b"b\n\x1b[2J.jpg", b"c.jpg"):
        (tmp_path / "photos" / os.fsdecode(name)).write_bytes(photo.read_bytes())
    return tmp_path / "photos"


def test_names_that_are_no_text_on_a_strict_terminal(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("stylize", photos, "-s", "starry-night", "-o", out, PYTHONIOENCODING="utf-8:strict")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert len(lines) == 3
    assert r"a\xe9.jpg -> " in lines[0] and r"b\x0a\x1b[2J.jpg -> " in lines[1]
    assert sorted(os.fsencode(file.name) for file in out.iterdir()) == [
        b"a\xe9.jpg",
        b"b\n\x1b[2J.jpg",
        b"c.jpg",
    ]


def test_a_terminal_that_knows_few_letters(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "naïve ☃.png"
    done = run(
        "stylize", photo, "-s", "starry-night", "-o", out, PYTHONIOENCODING="ascii:strict", PYTHONUTF8="1"
    )
    assert (done.returncode, done.stderr, out.is_file()) == (0, b"", True)
    assert rb"na\xefve \u2603.png" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_standard_output_ends_no_work(photos: Path, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = run("stylize", photos, "-s", "starry-night", "-o", tmp_path / "out", stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr == b"error: standard output takes no more (No space left on device)\n"
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_what_a_checkpoint_says_of_itself_is_cleaned(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(style_paths()["starry-night"])
    path = tmp_path / "a.safetensors"
    metadata = checkpoint.metadata.model_copy(
        update={"title": "Night\x1b]0;pwned\x07[/red]", "painter": "a\nb"}
    )
    save_checkpoint(path, checkpoint.network, metadata)
    loaded = load_checkpoint(path).metadata
    assert (loaded.title, loaded.painter) == (r"Night\x1b]0;pwned\x07[/red]", r"a\x0ab")
