import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image, ImageCms
from torch import Tensor, nn

from fastst.errors import FaststError
from fastst.images.pictures import read_picture
from fastst.stylize import large_files
from fastst.stylize.batch import stylize_files
from fastst.stylize.large_files import goes_by_disk, stylize_large_file
from fastst.stylize.options import StylizeOptions
from fastst.stylize.stylizer import Stylizer

pyvips = pytest.importorskip("pyvips")


class Invert(nn.Module):
    def forward(self, image: Tensor) -> Tensor:
        return 1 - image


@pytest.fixture
def stylizer() -> Stylizer:
    return Stylizer(Invert(), {}, device="cpu", memory="2G")


def picture(mode: str = "RGB", width: int = 90, height: int = 70) -> Image.Image:
    rows, columns = np.mgrid[0:height, 0:width]
    bands = [rows * 3, columns * 2, 255 - rows, 60 + columns]
    pixels = np.stack(bands[: len(mode)], axis=-1).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels, mode) if len(mode) > 1 else Image.fromarray(pixels[..., 0])


def opened(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).astype(int)


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_the_same_as_in_memory(stylizer, tmp_path, suffix, mode):
    source, target = tmp_path / "a.tif", tmp_path / f"b{suffix}"
    picture(mode).save(source)
    stylize_large_file(stylizer, source, target)
    assert (opened(target) == np.asarray(stylizer(source)).astype(int)).all()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.tif", target.name]


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"])
def test_compressed_sources(stylizer, tmp_path, compression):
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    picture().save(source, compression=compression)
    stylize_large_file(stylizer, source, target)
    assert np.abs(opened(target) - np.asarray(stylizer(source)).astype(int)).max() <= 2


def test_tiled_16_bit_bigtiff_with_alpha(stylizer, tmp_path):
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    deep = np.asarray(picture("RGBA")).astype(np.uint16) * 257
    image = pyvips.Image.new_from_array(deep).copy(interpretation="rgb16")
    image.tiffsave(str(source), tile=True, tile_width=64, tile_height=64, bigtiff=True, compression="deflate")
    stylize_large_file(stylizer, source, target)
    expected = np.asarray(picture("RGBA")).astype(int)
    found = opened(target)
    assert np.abs(found[..., :3] - (255 - expected[..., :3])).max() <= 1
    assert np.abs(found[..., 3] - expected[..., 3]).max() <= 1


def test_orientation_profile_resolution_and_exif(stylizer, tmp_path):
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture().save(source, exif=exif, dpi=(300, 300), icc_profile=profile, quality=95)
    stylize_large_file(stylizer, source, target)
    assert np.abs(opened(target) - np.asarray(stylizer(source)).astype(int)).mean() < 2
    with Image.open(target) as result:
        assert result.size == (70, 90)
        assert result.getexif()[0x010F] == "Camera" and result.getexif().get(0x0112, 1) == 1
        assert round(result.info["dpi"][0]) == 300


def test_every_option(stylizer, tmp_path):
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    picture().save(source)
    options = {"size": 60, "strength": 0.5, "keep_colors": True, "stroke_size": 1.5}
    stylize_large_file(stylizer, source, target, options=StylizeOptions(**options))
    assert np.abs(opened(target) - np.asarray(stylizer(source, **options)).astype(int)).max() <= 3


def test_bigtiff_when_it_must_be(stylizer, tmp_path, monkeypatch):
    source, target = tmp_path / "a.tif", tmp_path / "b.tif"
    picture().save(source)
    stylize_large_file(stylizer, source, target)
    assert target.read_bytes()[:3] == b"II*"
    monkeypatch.setattr(large_files, "_BIG_TIFF_BYTES", 1000)
    stylize_large_file(stylizer, source, target)
    assert target.read_bytes()[:3] == b"II+"


def test_a_damaged_file_is_named_and_nothing_is_left(stylizer, tmp_path):
    source, target = tmp_path / "a.tif", tmp_path / "out" / "b.tif"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)).save(
        source, compression="tiff_lzw"
    )
    source.write_bytes(source.read_bytes()[:100_000] + b"\0" * 50_000 + source.read_bytes()[150_000:])
    with pytest.raises(FaststError, match=r"a\.tif.*damaged"):
        stylize_large_file(stylizer, source, target)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_disk_without_room_is_named(stylizer, tmp_path, monkeypatch):
    source = tmp_path / "a.tif"
    picture().save(source)
    full = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(large_files.shutil, "disk_usage", lambda folder: full)
    with pytest.raises(FaststError, match=r"a\.tif: takes .* GB of disk"):
        stylize_large_file(stylizer, source, tmp_path / "b.tif")
    assert [file.name for file in tmp_path.iterdir()] == ["a.tif"]


class TestGoesByDisk:
    def test_a_picture_that_fits_stays_in_memory(self, stylizer, tmp_path):
        picture().save(tmp_path / "a.tif")
        assert not goes_by_disk(tmp_path / "a.tif", tmp_path / "b.tif", size=None, stylizer=stylizer)

    def test_a_picture_that_does_not_fit_goes_by_disk(self, stylizer, tmp_path):
        source = huge_tiff(tmp_path / "a.tif", 60_000, 50_000)
        assert goes_by_disk(source, tmp_path / "b.tif", size=None, stylizer=stylizer)
        assert goes_by_disk(source, tmp_path / "b.png", size=1000, stylizer=stylizer)
        assert not goes_by_disk(source, tmp_path / "b.bmp", size=None, stylizer=stylizer)

    def test_other_formats_beyond_the_limit_are_refused_as_ever(self, stylizer, tmp_path, monkeypatch):
        picture().save(tmp_path / "a.png")
        monkeypatch.setattr(large_files, "MAX_PIXELS", 1000)
        assert not goes_by_disk(tmp_path / "a.png", tmp_path / "b.tif", size=None, stylizer=stylizer)

    def test_without_pyvips_the_refusal_names_the_cure(self, stylizer, tmp_path, monkeypatch):
        source = huge_tiff(tmp_path / "a.tif", 60_000, 50_000)
        monkeypatch.setattr(large_files, "_vips", lambda: None)
        assert not goes_by_disk(source, tmp_path / "b.tif", size=None, stylizer=stylizer)
        with pytest.raises(FaststError, match=r"3000 megapixels.*fastst\[large\]"):
            read_picture(source)

    def test_what_is_no_picture_is_left_to_be_refused(self, stylizer, tmp_path):
        (tmp_path / "a.tif").write_text("no picture")
        for name in ("a.tif", "none.tif"):
            assert not goes_by_disk(tmp_path / name, tmp_path / "b.tif", size=None, stylizer=stylizer)


def huge_tiff(path: Path, width: int, height: int) -> Path:
    """A small file that says it is large: the header of one black strip."""
    image = pyvips.Image.black(16, 16, bands=3).copy(interpretation="srgb")
    image.tiffsave(str(path))
    raw = bytearray(path.read_bytes())
    for tag, value in ((256, width), (257, height)):
        entry = raw.find(tag.to_bytes(2, "little") + (3).to_bytes(2, "little") + (1).to_bytes(4, "little"))
        assert entry > 0
        raw[entry + 8 : entry + 12] = value.to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def test_a_batch_sends_large_files_by_disk_and_goes_on(tmp_path, monkeypatch):
    small = Stylizer(Invert(), {}, device="cpu", memory=2**40)
    for name in ("a.tif", "b.tif"):
        picture().save(tmp_path / name)
    monkeypatch.setattr(large_files, "_PILLOW_BYTES", 2**40)
    shares: dict[str, float] = {}
    failures = stylize_files(
        small,
        [tmp_path / "a.tif", tmp_path / "none.tif", tmp_path / "b.tif"],
        tmp_path / "out",
        on_result=lambda *_: None,
        on_progress=lambda source, share: shares.update({source.name: share}),
    )
    assert failures == 1
    assert shares == {"a.tif": 1, "b.tif": 1}
    with Image.open(tmp_path / "out" / "b.tif") as result:
        # Tiled, unlike what Pillow writes.
        assert 322 in result.tag_v2
        assert (np.asarray(result) == 255 - np.asarray(picture())).all()
    assert torch.is_inference_mode_enabled() is False


def test_a_truncated_png_is_named_and_the_rest_go_on(stylizer, tmp_path, monkeypatch):
    monkeypatch.setattr(large_files, "_host_memory", lambda stylizer: 1000)  # everything goes by disk
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    for name, share in (("b", 0.5), ("c", 0.9), ("d", 0.001)):
        (tmp_path / f"{name}.png").write_bytes(data[: int(share * len(data))])
    (tmp_path / "e.png").write_bytes(data)
    said: dict[str, str] = {}
    photos = [tmp_path / f"{name}.png" for name in "abcde"]
    failures = stylize_files(
        stylizer,
        photos,
        tmp_path / "out",
        on_result=lambda source, result: said.update({source.name: str(result)}),
    )
    assert failures == 3
    for name in ("b.png", "c.png", "d.png"):
        assert name in said[name] and "damaged" in said[name] and "unexpected" not in said[name]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.png", "e.png"]


def quarters() -> np.ndarray:
    pixels = np.zeros((96, 160, 3), np.uint8)
    pixels[:48, :80], pixels[:48, 80:], pixels[48:, :80], pixels[48:, 80:] = (
        (220, 30, 30),
        (30, 200, 30),
        (30, 30, 220),
        (240, 240, 240),
    )
    return pixels


def made(kind: str, folder: Path) -> Path:
    rgb, grey = Image.fromarray(quarters()), Image.fromarray(quarters()).convert("L")
    shades = np.asarray(grey).astype(np.float64) / 255
    if kind == "cmyk":
        rgb.convert("CMYK").save(folder / "a.jpg", quality=100, subsampling=0)
        return folder / "a.jpg"
    if kind.startswith("orientation"):
        xmp = (
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
            b"</rdf:RDF></x:xmpmeta>"
        )
        rgb.save(folder / "a.jpg", quality=100, subsampling=0, xmp=xmp)
        return folder / "a.jpg"
    values = {
        "float": shades.astype(np.float32),
        "float to 255": (255 * shades).astype(np.float32),
        "uint16": np.rint(65535 * shades).astype(np.uint16),
        "int32": np.rint(65535 * shades).astype(np.int32),
        "int16": (np.rint(65535 * shades) - 32768).astype(np.int16),
        "uint32": np.rint((2**32 - 1) * shades).astype(np.uint32),
    }.get(kind)
    if values is not None:
        tifffile.imwrite(folder / "a.tif", values, photometric="minisblack")
    if kind == "negative":
        deep = np.rint(65535 * (1 - shades)).astype(np.uint16)
        tifffile.imwrite(folder / "a.tif", deep, photometric="miniswhite")
    if kind == "planes":
        planes = np.moveaxis(quarters().astype(np.uint16) * 257, -1, 0)
        tifffile.imwrite(folder / "a.tif", planes, photometric="rgb", planarconfig="separate")
    if kind == "float colors":
        tifffile.imwrite(folder / "a.tif", quarters().astype(np.float32) / 255, photometric="rgb")
    if kind == "behind a small copy":
        with tifffile.TiffWriter(folder / "a.tif") as file:
            file.write(quarters()[::4, ::4], photometric="rgb", subfiletype=1)
            file.write(quarters(), photometric="rgb")
    return folder / "a.tif"


KINDS = (
    "cmyk",
    "orientation in XMP",
    "float",
    "float to 255",
    "uint16",
    "int32",
    "int16",
    "uint32",
    "negative",
)
IN_COLOR = ("cmyk", "planes", "float colors", "behind a small copy")


@pytest.mark.parametrize("kind", dict.fromkeys((*KINDS, *IN_COLOR)))
def test_one_color_however_much_memory_there_is(stylizer, tmp_path, kind):
    source, target = made(kind, tmp_path), tmp_path / "b.png"
    nothing = StylizeOptions(strength=0)
    stylize_large_file(stylizer, source, target, options=nothing)
    by_disk, in_memory = opened(target), np.asarray(read_picture(source).rgb).astype(int)
    assert by_disk.shape == in_memory.shape
    assert np.abs(by_disk - in_memory).max() <= 2
    if "orientation" not in kind:
        right = (
            quarters()
            if kind in IN_COLOR
            else np.asarray(Image.fromarray(quarters()).convert("L"))[..., None]
        )
        assert np.abs(in_memory - right).max() <= 3
