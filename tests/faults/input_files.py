"""The files that ``test_bad_inputs.py`` runs the command line over."""

import os
import pickle
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def make_inputs(folder: Path) -> None:
    """Make every file that the cases name."""
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    photo = Image.fromarray(pixels)
    for name in ("photo.png", "painting.png", "phóto of mine.png"):
        photo.save(folder / name)
    make_odd_pictures(folder, photo)
    make_bad_pictures(folder, photo)
    make_bad_checkpoints(folder)
    (folder / "unknown-key.yaml").write_text("no_such_key: 1\n")
    (folder / "not-yaml.yaml").write_text("a: [1, 2\nb: }{\n")
    (folder / "list.yaml").write_text("- 1\n- 2\n")


def make_odd_pictures(folder: Path, photo: Image.Image) -> None:
    """Pictures that are unusual but sound."""
    photo.resize((1, 1)).save(folder / "1x1.png")
    photo.resize((300, 2)).save(folder / "300x2.png")
    photo.convert("CMYK").save(folder / "cmyk.jpg")
    grey = np.asarray(photo.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(folder / "16bit.png")
    photo.quantize(16).save(folder / "palette.png", transparency=bytes(range(0, 256, 16)))
    photo.save(folder / "animated.gif", save_all=True, append_images=[photo.rotate(180)])
    photo.save(folder / "exif.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xffbroken")
    photo.save(folder / "profile.png", icc_profile=b"broken")
    photo.save(folder / "png.jpg", format="PNG")


def make_bad_pictures(folder: Path, photo: Image.Image) -> None:
    """Files that are no pictures, or broken ones, and folders of them."""
    photo.save(folder / "whole.jpg")
    jpeg, png = (folder / "whole.jpg").read_bytes(), (folder / "photo.png").read_bytes()
    (folder / "cut.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "cut.png").write_bytes(png[: len(png) // 2])
    (folder / "header.png").write_bytes(png[:20])
    (folder / "empty.png").touch()
    (folder / "text.png").write_text("I am not a picture.\n")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>\n")
    (folder / "huge.png").write_bytes(png_that_claims(60_000, 60_000))
    make_unreadable(folder / "unreadable.png")
    for name in ("nothing", "results", "mixed"):
        (folder / name).mkdir()
    photo.save(folder / "mixed" / "good.png")
    (folder / "mixed" / "bad.jpg").write_text("not a picture")


def make_bad_checkpoints(folder: Path) -> None:
    """Files that are no checkpoints."""
    (folder / "jpeg.safetensors").write_bytes((folder / "whole.jpg").read_bytes())
    (folder / "empty.safetensors").touch()
    (folder / "page.safetensors").write_text("<!DOCTYPE html><html><body>Not found</body></html>\n")
    (folder / "weights.pth").write_bytes(pickle.dumps({"weight": [1.0, 2.0]}))
    header = b'{"weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    other = struct.pack("<Q", len(header)) + header + bytes(16)
    (folder / "other.safetensors").write_bytes(other)
    (folder / "cut.safetensors").write_bytes(other[:-9])


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG with a sound header of that size and next to no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


def make_unreadable(path: Path) -> None:
    """A file that cannot be opened: without permission, or for root, a link to itself."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        path.symlink_to(path)
    else:
        path.touch(mode=0)
