import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from fastst.errors import FaststError, UsageError
from fastst.images.formats import check_output_suffix
from fastst.images.modes import to_rgb_and_alpha
from fastst.images.pictures import Picture, fit, read_picture, write_picture
from fastst.images.xmp import still_true

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def save(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b""))


def noise(width: int = 64, height: int = 48) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def pixels(image: Image.Image) -> list:
    return np.asarray(image).tolist()


def test_exif_orientation_is_applied_and_not_kept(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    exif[0x010F] = "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    lying = Image.fromarray(np.array([[RED, GREEN]], dtype=np.uint8))
    picture = read_picture(save(lying, tmp_path / "a.png", exif=exif))
    assert pixels(picture.rgb) == [[list(RED)], [list(GREEN)]]
    for name in ("b.png", "b.jpg", "b.webp", "b.tif", "b.avif"):
        write_picture(picture, tmp_path / name)
        with Image.open(tmp_path / name) as written:
            kept = written.getexif()
            assert written.size == (1, 2)
            assert kept.get(0x0112, 1) == 1
            assert kept[0x010F] == "Maker"
            assert kept.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path, suffix):
    grey = np.array([[0, 257, 32896, 65535]], dtype=np.uint16)
    picture = read_picture(save(Image.fromarray(grey), tmp_path / f"a.{suffix}"))
    assert pixels(picture.rgb) == [[[v, v, v] for v in (0, 1, 128, 255)]]


def test_32_bit_and_float_grey(tmp_path):
    deep = Image.fromarray(np.array([[0, 2**30, 2**31 - 1]], dtype=np.int32))
    assert pixels(read_picture(save(deep, tmp_path / "i.tif")).rgb.convert("L")) == [[0, 128, 255]]
    unit = Image.fromarray(np.array([[-1.0, 0.2, 1.0, np.nan]], dtype=np.float32))
    assert pixels(read_picture(save(unit, tmp_path / "f.tif")).rgb.convert("L")) == [[0, 51, 255, 0]]
    bytes_as_floats = Image.fromarray(np.array([[0.0, 51.0, 255.0]], dtype=np.float32))
    assert pixels(read_picture(save(bytes_as_floats, tmp_path / "g.tif")).rgb.convert("L")) == [[0, 51, 255]]


def test_transparency_of_every_kind(tmp_path):
    palette = Image.fromarray(np.array([[0, 1]], dtype=np.uint8)).convert("P")
    palette.putpalette([*RED, *GREEN])
    deep = Image.fromarray(np.array([[257, 514]], dtype=np.uint16))
    cases = {
        "rgba.png": (Image.new("RGBA", (2, 1), (*RED, 40)), {}, [[40, 40]]),
        "la.png": (Image.new("LA", (2, 1), (9, 40)), {}, [[40, 40]]),
        "palette.png": (palette, {"transparency": bytes([10, 20])}, [[10, 20]]),
        "palette.gif": (palette, {"transparency": 1}, [[255, 0]]),
        "key.png": (Image.new("RGB", (2, 1), BLUE), {"transparency": BLUE}, [[0, 0]]),
        "deep.png": (deep, {"transparency": 514}, [[255, 0]]),
    }
    for name, (image, options, expected) in cases.items():
        picture = read_picture(save(image, tmp_path / name, **options))
        assert picture.rgb.mode == "RGB", name
        assert picture.alpha is not None and pixels(picture.alpha) == expected, name
    assert read_picture(save(noise(), tmp_path / "none.png")).alpha is None


def test_other_modes_become_rgb(tmp_path):
    cmyk = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    assert read_picture(save(cmyk, tmp_path / "cmyk.tif")).rgb.getpixel((0, 0)) == RED
    assert read_picture(save(cmyk, tmp_path / "cmyk.jpg")).rgb.getpixel((0, 0)) == RED
    assert (
        read_picture(save(Image.new("1", (4, 4), 1), tmp_path / "bits.png")).rgb.getpixel((0, 0))
        == (255,) * 3
    )
    lab = read_picture(save(Image.new("LAB", (4, 4), (128, 128, 128)), tmp_path / "lab.tif")).rgb.getpixel(
        (0, 0)
    )
    assert lab == pytest.approx((119, 119, 119), abs=1)  # L* = 50.2 is sRGB 119


@pytest.mark.parametrize("suffix", ["gif", "png", "webp"])
def test_an_animation_is_refused_and_a_single_frame_is_not(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "blue", "lime")]
    one, three = tmp_path / f"one.{suffix}", tmp_path / f"three.{suffix}"
    frames[0].save(one, save_all=True)
    frames[0].save(three, save_all=True, append_images=frames[1:], duration=100)
    assert read_picture(one).rgb.size == (8, 6)
    with pytest.raises(FaststError, match=r"three\.\w+: is an animation; stylize it with `fastst video`"):
        read_picture(three)


def test_pages_are_refused_and_smaller_copies_are_none(tmp_path):
    large, small = Image.new("RGB", (80, 60), "red"), Image.new("RGB", (8, 6), "red")
    pages, pyramid = tmp_path / "pages.tif", tmp_path / "pyramid.tif"
    large.save(pages, save_all=True, append_images=[large, small])
    small.encoderinfo = {"tiffinfo": {254: 1}}
    large.save(pyramid, save_all=True, append_images=[small])
    with pytest.raises(FaststError, match=r"pages\.tif: holds 3 pages"):
        read_picture(pages)
    assert read_picture(pyramid).rgb.size == (80, 60)


def test_profile_is_converted_and_a_broken_one_ignored(tmp_path):
    bgr = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = bgr.index(b"rXYZ"), bgr.index(b"bXYZ")
    bgr[red : red + 4], bgr[blue : blue + 4] = b"bXYZ", b"rXYZ"
    swapped = read_picture(save(Image.new("RGB", (2, 2), RED), tmp_path / "a.png", icc_profile=bytes(bgr)))
    assert swapped.rgb.getpixel((0, 0)) == pytest.approx(BLUE, abs=1)
    write_picture(swapped, tmp_path / "b.png")
    with Image.open(tmp_path / "b.png") as written:
        assert "icc_profile" not in written.info
    broken = read_picture(save(Image.new("RGB", (2, 2), RED), tmp_path / "c.png", icc_profile=b"no profile"))
    assert broken.rgb.getpixel((0, 0)) == RED


def bad_file(kind: str, folder: Path) -> Path:
    path = folder / "bad.png"
    whole = save(noise(), folder / "whole.png").read_bytes()
    contents = {
        "empty": b"",
        "text": b"I am not a picture.",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "html": b"<!DOCTYPE html><html></html>",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "header cut": whole[:20],
        "half": whole[: len(whole) // 2],
        "huge": png_that_claims(60_000, 60_000),
    }
    if kind in contents:
        path.write_bytes(contents[kind])
    elif kind == "folder":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "long name":
        path = folder / ("a" * 300 + ".png")
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "no such file"),
        ("folder", "is a folder"),
        ("empty", "is empty"),
        ("text", "is not a picture that can be read"),
        ("svg", "is not a picture that can be read"),
        ("html", "is not a picture that can be read"),
        ("eps", "is not a picture that can be read"),
        ("header cut", "is cut short"),
        ("half", "is cut short"),
        ("huge", "60000 x 60000, 3600 megapixels, and the limit is 200"),
        ("loop", "cannot be opened"),
        ("long name", "cannot be opened"),
    ],
)
def test_bad_files_are_told_apart_in_one_line(tmp_path, kind, said):
    path = bad_file(kind, tmp_path)
    with pytest.raises(FaststError) as caught:
        read_picture(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_read_permission(tmp_path):
    path = save(noise(), tmp_path / "a.png")
    path.chmod(0)
    with pytest.raises(FaststError, match="Permission denied"):
        read_picture(path)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.gif", "a.webp", "a.bmp", "a.avif"])
def test_cut_at_any_length_is_an_error_or_a_picture_never_another_exception(tmp_path, name):
    whole = save(noise(16, 16), tmp_path / name).read_bytes()
    cut = tmp_path / f"cut-{name}"
    refused = 0
    for length in range(1, len(whole), 23):
        cut.write_bytes(whole[:length])
        try:
            assert read_picture(cut).rgb.size == (16, 16)
        except FaststError:
            refused += 1
    assert refused >= len(range(1, len(whole), 23)) // 2


def test_reading_leaves_pillows_own_limit_alone(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    read_picture(save(noise(), tmp_path / "a.png"))
    with pytest.raises(FaststError):
        read_picture(bad_file("huge", tmp_path))
    assert before == Image.MAX_IMAGE_PIXELS


def test_alpha_is_written_where_the_format_has_it_and_laid_over_white_elsewhere(tmp_path):
    picture = Picture(rgb=Image.new("RGB", (8, 8), RED), alpha=Image.new("L", (8, 8), 51))
    for name in ("a.png", "a.webp", "a.tiff", "a.avif"):
        write_picture(picture, tmp_path / name)
        with Image.open(tmp_path / name) as written:
            assert written.mode == "RGBA"
            assert written.getpixel((4, 4)) == pytest.approx((*RED, 51), abs=2)
    for name in ("a.bmp", "a.JPG"):
        write_picture(picture, tmp_path / name)
        with Image.open(tmp_path / name) as written:
            # 20% red over white: 255, 255 * 0.8, 255 * 0.8
            assert written.getpixel((4, 4)) == pytest.approx((255, 204, 204), abs=2)


def test_dpi_text_and_xmp_survive(tmp_path):
    description = (
        b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="a" />'
    )
    rdf = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' + description + b"</rdf:RDF>"
    xmp = still_true(b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + rdf + b"</x:xmpmeta>", everything=False)
    assert xmp is not None
    picture = Picture(rgb=noise(), info={"dpi": (300.0, 300.0), "xmp": xmp, "text": {"Title": "Café"}})
    write_picture(picture, tmp_path / "a.png")
    again = read_picture(tmp_path / "a.png").info
    assert again["text"] == {"Title": "Café"}
    assert again["xmp"] == xmp
    assert again["dpi"] == pytest.approx((300, 300), abs=0.01)
    write_picture(picture, tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").info == {"dpi": (300, 300), "xmp": xmp}


def test_metadata_too_long_for_jpeg_is_left_out(tmp_path):
    write_picture(Picture(rgb=noise(), info={"xmp": b"x" * 70_000, "comment": b"kept"}), tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").info == {"comment": b"kept"}


@pytest.mark.parametrize("name", ["a.xyz", "a", "a.gif"])
def test_unknown_suffix_lists_the_formats(tmp_path, name):
    for refuse in (check_output_suffix, lambda path: write_picture(Picture(rgb=noise()), path)):
        with pytest.raises(UsageError, match=r"\.png.*\.jpg.*\.webp"):
            refuse(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_the_format_cannot_hold_leaves_no_file(tmp_path):
    with pytest.raises(FaststError, match=r"a\.webp"):
        write_picture(Picture(rgb=Image.new("RGB", (17_000, 1))), tmp_path / "a.webp")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 400), height=st.integers(1, 400), size=st.integers(1, 300))
def test_fit_sets_the_long_side_and_keeps_the_aspect(width, height, size):
    fitted = fit(Image.new("L", (width, height)), size)
    assert max(fitted.size) == size
    expected_short = max(1, min(width, height) * size / max(width, height))
    assert abs(min(fitted.size) - expected_short) <= 0.5


def test_fit_edge_cases():
    image = noise()
    assert fit(image, None) is image
    for size in (0, -5):
        with pytest.raises(UsageError, match="long side in pixels"):
            fit(image, size)
    with pytest.raises(UsageError, match="megapixels"):
        fit(image, 100_000)


@pytest.mark.parametrize("comment", [b"# " + b"x" * 10_000_000 + b"\n", b"# x\n" * 2_000_000])
def test_a_header_without_end_is_refused_and_a_long_comment_is_not(tmp_path, comment):
    path = tmp_path / "a.ppm"
    path.write_bytes(b"P6\n# made by hand\n2 1\n255\n" + bytes(6))
    assert read_picture(path).rgb.size == (2, 1)
    path.write_bytes(b"P6\n" + comment + b"2 1\n255\n" + bytes(6))
    with pytest.raises(FaststError, match="header is longer"):
        read_picture(path)


def test_a_png_with_a_large_text_and_profile_is_read(tmp_path):
    text = PngInfo()
    text.add_text("Comment", "x" * 3_000_000, zip=True)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + bytes(3_000_000)
    Image.new("RGB", (5, 4), "red").save(tmp_path / "a.png", pnginfo=text, icc_profile=profile)
    assert read_picture(tmp_path / "a.png").rgb.size == (5, 4)


def test_a_line_of_pixels_that_would_be_widened_beyond_all_memory_is_refused(tmp_path):
    Image.new("L", (1, 7_000_000)).save(tmp_path / "a.png")
    with pytest.raises(FaststError, match="is 1 x 7000000; a picture so thin"):
        read_picture(tmp_path / "a.png")


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_pictures_take_no_copy_in_double_precision(tmp_path, mode):
    kinds = {"I;16": (np.uint16, 65535), "I": (np.int32, 65535), "F": (np.float32, 1.0)}
    kind, white = kinds[mode]
    values = (np.linspace(0, 1, 4_000_000).reshape(2000, 2000) * white).astype(kind)
    image = Image.fromarray(values)
    tracemalloc.start()
    grey = to_rgb_and_alpha(image)[0].getchannel(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.abs(np.asarray(grey).astype(float) - 255 * values.astype(float) / white).max() <= 0.51
    assert peak < 11 * values.size


def test_what_is_no_number_does_not_decide_which_value_is_white(tmp_path):
    values = np.array([[0.0, 0.5, 1.0, np.inf, -np.inf, np.nan]], np.float32)
    grey = to_rgb_and_alpha(Image.fromarray(values))[0].getchannel(0)
    assert list(np.asarray(grey)[0]) == [0, 128, 255, 255, 0, 0]
