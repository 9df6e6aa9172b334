"""The sound files that ``test_damaged_files.py`` begins with, and how they are damaged."""

import contextlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import tifffile
import yaml
from PIL import Image

TRAINING = {"steps": 2, "size": 64, "batch": 1, "style_size": 64, "architecture": "swift"}
NETWORK = {"width": 8}

# Values for a recipe that somebody might write by mistake, or to do harm.
_ODD = (
    *("-1", "0", "1e400", ".nan", ".inf", "99999999999999999999", "64.5", "null", "yes", "[]", "{}", "''"),
    *("[1, 2, 3]", "{a: 1}", "2026-02-31", "12:30:45", "0x_", "!!int abc", "!!python/object:os.system x"),
    *("&a [*a]", "*nothing", "<<: 1", "'\"\\ud800\"'", "'" + "x" * 5000 + "'", "[" * 500, "~/x", "/dev/zero"),
    *("/dev/null", "nobody/nothing-of-that-name", "starry-night", "\u202e", "synthetic", "brush-wide"),
)


def mutated(data: bytes, draw: random.Random) -> bytes:
    """Return the bytes with one to four places damaged."""
    damaged = bytearray(data)
    # Headers decide more than what follows them.
    reach = draw.choice((64, 512, len(damaged)))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(max(1, min(reach, len(damaged))))
        length = draw.choice((1, 2, 4, 8, 64))
        how = draw.choice(("flip", "random", "zeros", "ones", "cut", "insert", "repeat", "remove", "number"))
        if how == "flip" and damaged:
            damaged[at % len(damaged)] ^= 1 << draw.randrange(8)
        elif how == "random":
            damaged[at : at + length] = draw.randbytes(length)
        elif how in ("zeros", "ones"):
            damaged[at : at + length] = (b"\0" if how == "zeros" else b"\xff") * length
        elif how == "cut":
            del damaged[draw.randrange(1, len(damaged) + 1) :]
        elif how == "insert":
            damaged[at:at] = draw.randbytes(length)
        elif how == "repeat":
            damaged[at:at] = damaged[at : at + length] * draw.choice((2, 100))
        elif how == "remove":
            del damaged[at : at + length]
        else:
            number = draw.choice((0, 1, 2**31 - 1, 2**32 - 1, 16_000, 2**16))
            damaged[at : at + 4] = number.to_bytes(4, draw.choice(("little", "big")))
        if not damaged:
            break
    return bytes(damaged)


def misspelt(data: bytes, draw: random.Random) -> bytes:
    """Return a recipe with one or two of its values or names replaced by odd ones."""
    lines = data.decode().splitlines()
    for _ in range(draw.randint(1, 2)):
        at = draw.randrange(len(lines))
        name, colon, _ = lines[at].partition(":")
        odd = draw.choice(_ODD)
        lines[at] = f"{name}{colon} {odd}" if draw.random() < 0.8 else f"{odd}: 1"
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def make_seeds(folder: Path, train: Callable[[list[str]], None]) -> dict[str, list[Path]]:
    """Make a sound file of every kind, small ones; ``train`` runs a command line that must succeed."""
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    photo = Image.fromarray(pixels).resize((64, 48))
    photo.save(folder / "photo.png")
    photo.save(folder / "painting.png")
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**TRAINING, **NETWORK}.items()]
    training = ["train", str(folder / "painting.png"), "--init", "nothing", *options, "--save-every", "1"]
    train([*training, "-o", str(folder / "tiny.safetensors")])
    state = unfinished_state(folder)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        yaml.safe_dump(
            {
                "painting": str(folder / "painting.png"),
                "title": "A title",
                "year": "1889",
                "data": "synthetic",
                **TRAINING,
                "options": NETWORK,
                "init": "nothing",
            }
        )
    )
    flow = folder / "flow.flo"
    flow.write_bytes(
        np.array([202021.25], "<f4").tobytes() + np.array([64, 48], "<i4").tobytes() + bytes(64 * 48 * 8)
    )
    mask = folder / "mask.png"
    Image.fromarray(np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 48, axis=0)).save(mask)
    pictures = make_pictures(folder, photo)
    return {
        "picture": pictures,
        "video": make_films(folder, pixels),
        "checkpoint": [folder / "tiny.safetensors"],
        "recipe": [recipe],
        "state": [state],
        "mask": [mask],
        "flow": [flow],
        "data": pictures,
    }


def unfinished_state(folder: Path) -> Path:
    """Return the state of a training that broke off after its first step."""
    import fastst
    from fastst.training.monitor import StepReport

    def break_off(report: StepReport) -> None:
        if report.step == 2:
            raise EOFError

    output = folder / "a.safetensors"
    settings: dict[str, Any] = {**TRAINING, "options": NETWORK, "init": "nothing", "save_every": 1}
    with contextlib.suppress(EOFError):
        fastst.train(folder / "painting.png", output, on_step=break_off, **settings)
    return output.with_suffix(".state.safetensors")


def make_pictures(folder: Path, photo: Image.Image) -> list[Path]:
    """Write the photo in every format that is read."""
    for suffix in ("jpg", "webp", "tif", "gif", "bmp", "ppm", "tga", "jp2", "avif"):
        photo.save(folder / f"photo.{suffix}")
    photo.save(folder / "exif.jpg", exif=_exif(), xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    photo.convert("RGBA").save(folder / "alpha.png")
    photo.quantize(16).save(folder / "palette.png", transparency=3)
    planes = np.moveaxis(np.asarray(photo).astype(np.uint16) * 257, -1, 0)
    tifffile.imwrite(folder / "planes.tif", planes, photometric="rgb", planarconfig="separate")
    names = ("photo.*", "exif.jpg", "alpha.png", "palette.png", "planes.tif")
    return sorted(file for name in names for file in folder.glob(name))


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    return exif


def make_films(folder: Path, pixels: np.ndarray) -> list[Path]:
    """Write a few frames with sound in every kind of video that is written, and as a GIF."""
    codecs = {
        "mp4": "libx264",
        "mkv": "libx264",
        "webm": "libvpx-vp9",
        "avi": "mpeg4",
        "ts": "libx264",
        "gif": "gif",
    }
    sounds = {"mp4": "aac", "mkv": "flac", "webm": "libopus", "avi": "mp3", "ts": "aac"}
    for suffix, codec in codecs.items():
        with av.open(str(folder / f"video.{suffix}"), "w") as film:
            video: Any = film.add_stream(codec, rate=25)
            video.width, video.height = 64, 48
            video.pix_fmt = "rgb8" if suffix == "gif" else "yuv420p"
            sound: Any = (
                film.add_stream(sounds[suffix], rate=48_000, layout="mono") if suffix in sounds else None
            )
            for number in range(6):
                frame = av.VideoFrame.from_ndarray(np.roll(pixels, number, axis=1), "rgb24")
                film.mux(video.encode(frame.reformat(format=video.pix_fmt)))
            film.mux(video.encode())
            if sound is not None:
                tone = av.AudioFrame.from_ndarray(np.zeros((1, 11_520), np.int16), "s16", "mono")
                tone.sample_rate, tone.pts = 48_000, 0
                film.mux(sound.encode(tone))
                film.mux(sound.encode())
    return sorted(folder.glob("video.*"))
