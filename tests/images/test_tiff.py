"""Kinds of TIFF that Pillow reads wrongly or not at all; see also tests/stylize/test_large_files.py."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fastst.errors import FaststError
from fastst.images.pictures import read_picture


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


def test_grey_of_16_bits_with_transparency(file: Path) -> None:
    pixels = np.array([[[0, 65535], [30840, 32896], [65535, 257]]], np.uint16)
    tifffile.imwrite(file, pixels, photometric="minisblack", extrasamples=["unassalpha"])
    picture = read_picture(file)
    assert np.asarray(picture.rgb)[..., 0].tolist() == [[0, 120, 255]]
    assert picture.alpha is not None
    assert np.asarray(picture.alpha).tolist() == [[255, 128, 1]]


def test_floats_with_transparency_each_have_their_own_white(file: Path) -> None:
    # Colors up to 255 beside a transparency up to 1.
    pixels = np.array([[[51.0, 102.0, 255.0, 0.2], [0.0, 0.0, 0.0, 1.0]]], np.float32)
    tifffile.imwrite(file, pixels, photometric="rgb", extrasamples=["unassalpha"])
    picture = read_picture(file)
    assert np.asarray(picture.rgb).tolist() == [[[51, 102, 255], [0, 0, 0]]]
    assert picture.alpha is not None
    assert np.asarray(picture.alpha).tolist() == [[51, 255]]


def test_colors_that_are_multiplied_by_their_transparency_are_divided_again(file: Path) -> None:
    planes = np.full((4, 2, 2), 0x8080, np.uint16)
    planes[0] = 0x4040
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate", extrasamples=["assocalpha"])
    picture = read_picture(file)
    assert picture.alpha is not None
    assert picture.alpha.getpixel((0, 0)) == 128
    assert picture.rgb.getpixel((0, 0)) == pytest.approx((128, 255, 255), abs=1)


def test_orientation_is_applied(file: Path) -> None:
    planes = np.zeros((3, 2, 4), np.uint16)
    planes[0, 0, 0] = 65535
    turned = [(274, "H", 1, 6, True)]  # shown rotated by 90 degrees clockwise
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate", extratags=turned)
    picture = read_picture(file)
    assert picture.rgb.size == (2, 4)
    assert picture.rgb.getpixel((1, 0)) == (255, 0, 0)


def test_what_cannot_be_read_is_named_and_not_called_damaged(file: Path) -> None:
    tifffile.imwrite(file, np.zeros((4, 4, 4), np.float32), photometric="separated")
    with pytest.raises(FaststError, match=r"a\.tif: is a TIFF of 4 x 32 bits \(SEPARATED\), which cannot be"):
        read_picture(file)


def test_a_raw_file_that_shows_a_small_copy_only(file: Path) -> None:
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((4, 6, 3), np.uint8), photometric="rgb", subfiletype=1, subifds=1)
        writer.write(np.zeros((40, 60, 3), np.uint8), photometric="rgb")
    with pytest.raises(FaststError, match=r"a\.tif: shows only a small copy of its picture, as RAW files"):
        read_picture(file)


def test_one_that_is_too_large_is_refused_before_it_is_decoded(file: Path) -> None:
    tifffile.imwrite(file, np.zeros((4, 4), np.int16), photometric="minisblack")
    data = bytearray(file.read_bytes())
    with tifffile.TiffFile(file) as tiff:
        for name in ("ImageWidth", "ImageLength"):
            tag = tiff.pages[0].tags[name]
            data[tag.offset + 2 : tag.offset + 4] = (4).to_bytes(2, "little")  # as a long
            data[tag.offset + 8 : tag.offset + 12] = (60_000).to_bytes(4, "little")
    file.write_bytes(data)
    with pytest.raises(FaststError, match="60000 x 60000, 3600 megapixels, and the limit is 200"):
        read_picture(file)


@settings(max_examples=60, deadline=None)
@given(at=st.floats(0, 1), value=st.integers(0, 255), cut=st.floats(0.05, 1))
def test_damaged_anywhere_is_an_error_or_a_picture(
    tmp_path_factory: pytest.TempPathFactory, at: float, value: int, cut: float
) -> None:
    file = tmp_path_factory.getbasetemp() / "damaged.tif"
    planes = np.arange(3 * 8 * 8, dtype=np.uint16).reshape(3, 8, 8)
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate")
    data = bytearray(file.read_bytes())
    data[int(at * (len(data) - 1))] = value
    file.write_bytes(data[: int(cut * len(data))])
    try:
        assert isinstance(read_picture(file).rgb, Image.Image)
    except FaststError as error:
        assert str(error).startswith(f"{file}: ") and "\n" not in str(error)


def test_a_profile_for_grey_holds_with_transparency_too(tmp_path: Path) -> None:
    profile = _linear_grey()
    plain = Image.new("L", (2, 2), 87)
    plain.save(tmp_path / "plain.png", icc_profile=profile)
    right = read_picture(tmp_path / "plain.png").rgb.getpixel((0, 0))
    assert right == pytest.approx((158, 158, 158), abs=1)
    plain.convert("LA").save(tmp_path / "alpha.png", icc_profile=profile)
    plain.save(tmp_path / "key.png", icc_profile=profile, transparency=3)
    for name in ("alpha.png", "key.png"):
        assert read_picture(tmp_path / name).rgb.getpixel((0, 0)) == right


def _linear_grey() -> bytes:
    """An ICC profile for gray whose light is linear: a header, and the tags wtpt and kTRC."""
    white = b"XYZ \0\0\0\0" + b"".join(
        round(value * 65536).to_bytes(4, "big") for value in (0.9642, 1.0, 0.8249)
    )
    curve = b"curv\0\0\0\0" + (0).to_bytes(4, "big")
    table = (2).to_bytes(4, "big")
    first = 128 + 4 + 2 * 12
    for name, start, part in ((b"wtpt", first, white), (b"kTRC", first + len(white), curve)):
        table += name + start.to_bytes(4, "big") + len(part).to_bytes(4, "big")
    body = table + white + curve
    header = bytearray(128)
    header[0:4] = (128 + len(body)).to_bytes(4, "big")
    header[8:12] = b"\x02\x40\0\0"
    header[12:24] = b"mntrGRAYXYZ "
    header[36:40] = b"acsp"
    header[68:80] = white[8:]
    return bytes(header) + body
