import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from fastst.errors import FaststError
from fastst.images import formats
from fastst.images.pictures import read_picture

HEIC_START = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_a_photo_of_a_phone_is_read_upright(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    wide = np.zeros((48, 64, 3), np.uint8)
    wide[:, :32] = 200
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned to the right
    exif[ExifTags.Base.Make] = "Maker"
    pillow_heif.from_pillow(Image.fromarray(wide)).save(tmp_path / "a.heic", exif=exif.tobytes(), quality=90)
    picture = read_picture(tmp_path / "a.heic")
    assert picture.rgb.size == (48, 64)
    pixels = np.asarray(picture.rgb)
    assert abs(int(pixels[8, 24, 0]) - 200) < 12 and pixels[56, 24, 0] < 12
    kept = Image.Exif()
    kept.load(picture.info["exif"])
    assert kept[ExifTags.Base.Make] == "Maker" and kept.get(ExifTags.Base.Orientation, 1) == 1


def test_a_damaged_one_is_said_to_be(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif")
    (tmp_path / "a.heic").write_bytes(HEIC_START)
    with pytest.raises(FaststError, match=r"a\.heic: is cut short or damaged"):
        read_picture(tmp_path / "a.heic")


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(HEIC_START)
    with pytest.raises(FaststError, match=r"is a HEIC picture; pip install 'fastst\[heic\]'"):
        read_picture(tmp_path / "a.heic")
