from pathlib import Path

import pytest
from PIL import ExifTags, Image

from fastst.images.metadata import metadata_worth_keeping
from fastst.images.pictures import read_picture, write_picture
from fastst.images.xmp import still_true

PACKET = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:own="http://own/"
 tiff:Orientation="6" tiff:Make="Maker" exif:PixelXDimension="4000" exif:GPSLatitude="52,22N"
 exif:DateTimeOriginal="2020-01-02T03:04:05" GCamera:MotionPhoto="1" own:diary="secret">
<tiff:ImageLength>3</tiff:ImageLength><exif:GPSLongitude>4,53E</exif:GPSLongitude>
<dc:creator><rdf:Seq><rdf:li>Caf\u00e9</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()


def test_xmp_keeps_who_when_and_what_with() -> None:
    usual = still_true(PACKET, everything=False)
    assert usual is not None
    for word in (b"Maker", b"2020-01-02T03:04:05", b"Caf&#233;"):
        assert word in usual
    for word in (b"Orientation", b"4000", b"ImageLength", b"MotionPhoto", b"GPS", b"secret"):
        assert word not in usual
    whole = still_true(PACKET, everything=True)
    assert whole is not None
    assert b"GPSLatitude" in whole and b"GPSLongitude" in whole and b"secret" in whole
    for word in (b"Orientation", b"4000", b"ImageLength", b"MotionPhoto"):
        assert word not in whole
    assert still_true(usual, everything=False) == usual


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x:xmpmeta",
        b"\xff\xfe" * 50,
        PACKET.replace(b"<x:xmpmeta", b"<!DOCTYPE a [<!ENTITY b 'c'>]><x:xmpmeta", 1),
        PACKET.replace(b"</x:xmpmeta>", b" " * 2**20 + b"</x:xmpmeta>"),
        PACKET.replace(b'tiff:Orientation="6"', b'tiff:Orientation="6'),
    ],
)
def test_what_cannot_be_read_or_is_hostile_is_left_out(packet: bytes) -> None:
    assert still_true(packet, everything=True) is None


def tagged(path: Path) -> Path:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Maker", 6
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2020:01:02 03:04:05",
        ExifTags.Base.ColorSpace: 65535,
        ExifTags.Base.ExifImageWidth: 4000,
        ExifTags.Base.MakerNote: b"thumbnail",
    }
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (52.0, 22.0, 0.0)}
    Image.new("RGB", (40, 30), "red").save(path, exif=exif, xmp=PACKET)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif"])
@pytest.mark.parametrize("everything", [False, True])
def test_what_goes_along(suffix: str, everything: bool, tmp_path: Path) -> None:
    photo, out = tagged(tmp_path / "a.jpg"), tmp_path / f"b.{suffix}"
    write_picture(read_picture(photo, all_metadata=everything), out)
    with Image.open(out) as written:
        exif = written.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        assert exif[ExifTags.Base.Make] == "Maker"
        assert exif.get(ExifTags.Base.Orientation, 1) == 1
        assert inner[ExifTags.Base.DateTimeOriginal] == "2020:01:02 03:04:05"
        assert ExifTags.Base.ColorSpace not in inner and ExifTags.Base.ExifImageWidth not in inner
        assert bool(exif.get_ifd(ExifTags.IFD.GPSInfo)) == everything
        assert (ExifTags.Base.MakerNote in inner) == everything
    # Pillow writes no XMP into a TIFF that has EXIF.
    assert (b"52,22N" in out.read_bytes()) == (everything and suffix != "tif")
    assert read_picture(out).rgb.size == (30, 40)


def test_orientation_in_a_raw_profile_is_not_carried_along(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Raw profile type exif", "\nexif\n 4\n00000000\n")
    text.add_text("Title", "kept")
    Image.new("RGB", (4, 3)).save(tmp_path / "a.png", pnginfo=text)
    with Image.open(tmp_path / "a.png") as image:
        assert metadata_worth_keeping(image)["text"] == {"Title": "kept"}
