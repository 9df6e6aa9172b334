import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def run(*arguments: str, given: bytes = b"", folder: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fastst", *arguments], input=given, cwd=folder, capture_output=True
    )


@pytest.fixture
def photo(tmp_path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 255, (24, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_picture_goes_through(photo, tmp_path):
    piped = run("stylize", "-", given=photo.read_bytes(), folder=tmp_path)
    named = run("stylize", "photo.png", folder=tmp_path)
    assert (piped.returncode, named.returncode) == (0, 0)
    assert piped.stderr == b"standard input -> standard output\n"
    assert named.stdout == b"photo.png -> photo.starry-night.png\n"
    through, beside = Image.open(io.BytesIO(piped.stdout)), Image.open(tmp_path / "photo.starry-night.png")
    assert (np.asarray(through) == np.asarray(beside)).all()


def test_one_end_alone(photo, tmp_path):
    read = run("stylize", "-", "-o", "out.jpg", given=photo.read_bytes(), folder=tmp_path)
    assert read.stdout == b"standard input -> out.jpg\n"
    assert Image.open(tmp_path / "out.jpg").size == (40, 24)
    written = run("stylize", "photo.png", "-s", "udnie", "-o", "-", folder=tmp_path)
    assert Image.open(io.BytesIO(written.stdout)).size == (40, 24)


def test_what_cannot_go_through_is_said_in_one_line(photo, tmp_path):
    damaged = run("stylize", "-", given=b"no picture", folder=tmp_path)
    assert (damaged.returncode, damaged.stdout) == (1, b"")
    assert damaged.stderr.startswith(b"error: standard input: is not a picture")
    several = run("stylize", "-", "photo.png", "-o", "out", folder=tmp_path)
    assert (several.returncode, several.stderr.count(b"\n")) == (2, 1)
    assert b"give one photo" in several.stderr
