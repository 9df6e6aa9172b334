"""The script that makes a sheet to look at, on tiny pictures."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fastst

ROOT = Path(__file__).parents[1]
_SIZE = 96


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of 96 x 96 px, with a step in it and grain."""
    pixels = np.random.default_rng(0).integers(90, 110, (_SIZE, _SIZE, 3), dtype=np.uint8)
    pixels[:, _SIZE // 2 :] += 80
    path = tmp_path_factory.mktemp("still") / "step.png"
    Image.fromarray(pixels).save(path)
    return path


def look(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "look.py"), *map(str, arguments), "--size", str(_SIZE)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def shown_in(sheet: Image.Image, *, column: int, row: int) -> np.ndarray:
    """Return the cell of a sheet whose pictures are all 96 x 96 px, with 8 px between and 22 for a label."""
    left, top = 8 + column * (_SIZE + 8), 8 + row * (_SIZE + 8 + 22)
    return np.asarray(sheet.crop((left, top, left + _SIZE, top + _SIZE)))


def test_photo_painting_styles_and_pictures_side_by_side(still: Path, tmp_path: Path) -> None:
    painting = tmp_path / "painting.png"
    noise = np.random.default_rng(1).integers(0, 255, (_SIZE, _SIZE, 3), dtype=np.uint8)
    Image.fromarray(noise).save(painting)
    before = ["--painting", painting, "--photos", still]
    done = look(tmp_path / "sheet.png", *before, "--styles", "starry-night", still)
    assert done.returncode == 0, done.stderr
    with Image.open(still) as photo, Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (8 + 4 * (_SIZE + 8), 8 + _SIZE + 8 + 22)
        painted = fastst.load("starry-night")(photo)
        wanted = [np.asarray(photo), noise, np.asarray(painted), np.asarray(photo)]
        for column, pixels in enumerate(wanted):
            assert np.abs(shown_in(sheet, column=column, row=0).astype(int) - pixels).max() <= 1
    style, unchanged = done.stdout.splitlines()
    assert style.startswith("step.png, starry-night: rank ") and style != unchanged
    assert unchanged.startswith("step.png, step: rank ") and unchanged.endswith("edges 1.00")


def test_a_row_a_photo(still: Path, tmp_path: Path) -> None:
    photos = ["--photos", still, still]
    done = look(tmp_path / "sheet.jpg", "--painting", still, *photos, "--styles", "starry-night")
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "sheet.jpg") as sheet:
        assert sheet.size == (8 + 3 * (_SIZE + 8), 8 + 2 * (_SIZE + 8 + 22))
        rows = [shown_in(sheet, column=0, row=row).astype(int) for row in (0, 1)]
    with Image.open(still) as photo:
        for shown in rows:
            # JPEG blurs the grain's colors.
            assert np.abs(shown - np.asarray(photo)).mean() < 8


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("sheet.png --painting P --photos P P --styles P", "one photo"),
        ("sheet.png --painting P --photos P --styles no-such-style", "no such style"),
        ("sheet.gif --painting P --photos P --styles starry-night", "sheet.gif"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(still: Path, arguments: str, told: str) -> None:
    done = look(*(str(still) if word == "P" else word for word in arguments.split()))
    assert done.returncode == 2 and done.stdout == ""
    assert told in done.stderr and len(done.stderr.splitlines()) == 1
