"""What the Photo tab paints, without a page."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fastst
from fastst.errors import FaststError
from fastst.studio.painting import SHOWN_PIXELS, PhotoPainter, Wish, mixed


@pytest.fixture(scope="module")
def painter() -> PhotoPainter:
    return PhotoPainter()


def distance(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "udnie"), (0.25, "udnie:0.75+the-scream:0.25"), (1, "the-scream")],
)
def test_how_a_mix_is_written(share: float, expected: str) -> None:
    assert mixed("udnie", "the-scream", share) == expected
    assert mixed("udnie", "udnie", share) == mixed("udnie", "", share) == "udnie"


@pytest.mark.parametrize("options", [{}, {"strength": 0.5}, {"keep_colors": True}])
def test_what_is_shown_is_what_the_style_paints(
    painter: PhotoPainter, photo: Path, options: dict[str, float | bool]
) -> None:
    shown = painter.picture(Wish(str(photo), "udnie", **options))
    expected = fastst.load("udnie")(photo, **options)
    assert np.abs(np.asarray(shown, int) - np.asarray(expected, int)).max() <= 1


def test_a_draft_looks_alike(painter: PhotoPainter, photo: Path) -> None:
    true, draft = (painter.picture(Wish(str(photo), "udnie"), quick=quick) for quick in (False, True))
    other = painter.picture(Wish(str(photo), "great-wave"))
    assert draft.size == true.size
    assert distance(draft, true) < distance(other, true)


def test_a_large_photo_is_shown_smaller_and_saved_in_its_size_with_strokes_to_match(
    painter: PhotoPainter, tmp_path: Path
) -> None:
    photo = tmp_path / "large photo.png"
    Image.linear_gradient("L").resize((2400, 1600)).convert("RGB").save(photo)
    wish = Wish(str(photo), "udnie", strokes=1.5)
    shown = painter.photo(str(photo))
    assert 0.95 * SHOWN_PIXELS < shown.width * shown.height <= SHOWN_PIXELS
    assert painter.options(wish).stroke_size == pytest.approx(1.5 * 2400 / shown.width, abs=0.01)
    file = painter.save(wish, tmp_path / "out", name="udnie")
    assert file.name == "large photo.udnie.png"
    with Image.open(file) as saved:
        assert saved.size == (2400, 1600)
    assert painter.command(wish) == "fastst stylize 'large photo.png' -s udnie --stroke-size 2.87"


def test_what_is_no_photo_is_refused(painter: PhotoPainter, tmp_path: Path) -> None:
    fake = tmp_path / "letter.jpg"
    fake.write_text("Dear Theo")
    for paint in (painter.picture, lambda wish: painter.save(wish, tmp_path, name="udnie")):
        with pytest.raises(FaststError, match="is not a picture"):
            paint(Wish(str(fake), "udnie"))
