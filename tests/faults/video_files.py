"""The videos that ``test_bad_videos.py`` runs the command line over."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray
from PIL import Image

from tests.faults.input_files import make_unreadable

_RATE = 8000


def make_films(folder: Path) -> None:
    """Make every video that the cases name."""
    film(folder / "video.mp4", sound=True)
    film(folder / "film.mkv", sound=True)
    make_odd_films(folder)
    make_broken_films(folder)
    (folder / "nothing").mkdir()
    (folder / "file").touch()
    for name, size, grey in (("sky", (64, 48), 255), ("wide", (128, 48), 255), ("black", (64, 48), 0)):
        Image.new("L", size, grey).save(folder / f"{name}.png")
    frames = folder / "frames"
    frames.mkdir()
    for number in range(3):
        Image.fromarray(pixels(number, 64, 48)).save(frames / f"{number}.png")
    (frames / "1.png").write_text("not a picture")


def make_odd_films(folder: Path) -> None:
    """Videos that are unusual and must work."""
    film(folder / "one.mp4", count=1)
    film(folder / "tiny.mkv", size=(15, 15), codec="ffv1", pixel_format="yuv444p")
    film(folder / "deep.mp4", pixel_format="yuv444p10le")
    film(folder / "variable.mp4", times=[0, 1, 3, 10, 11, 25, 26, 40, 41, 42, 50, 90])
    film(folder / "phone.mov", rotation=-90, sound=True)
    film(folder / "raw.h264")
    film(folder / "clear.mov", codec="qtrle", pixel_format="argb")
    hdr = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}
    film(folder / "hdr.mp4", pixel_format="yuv420p10le", tags=hdr)
    film(folder / "a.ts")
    film(folder / "b.ts", size=(128, 96), first=30)
    (folder / "grows.ts").write_bytes((folder / "a.ts").read_bytes() + (folder / "b.ts").read_bytes())
    pictures = [Image.fromarray(pixels(number, 64, 48)) for number in range(4)]
    pictures[0].save(folder / "moving.gif", save_all=True, append_images=pictures[1:], duration=80)


def make_broken_films(folder: Path) -> None:
    """Videos that are broken, and files that are none."""
    whole = (folder / "video.mp4").read_bytes()
    (folder / "headless.mp4").write_bytes(whole[: len(whole) // 2])
    film(folder / "front.mp4", count=100, muxer={"movflags": "faststart"})
    front = (folder / "front.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(front[: 2 * len(front) // 3])
    film(folder / "long.mkv", count=60, sound=True)
    damaged = bytearray((folder / "long.mkv").read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 1000] = bytes(1000)
    (folder / "damaged.mkv").write_bytes(damaged)
    with av.open(str(folder / "song.m4a"), "w", format="mp4") as song:
        stream: Any = song.add_stream("aac", rate=_RATE, layout="mono")
        for number in range(10):
            song.mux(stream.encode(tone(number)))
        song.mux(stream.encode())
    film(folder / "no-frames.mp4", count=0, sound=True)
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("I am not a video.\n" * 50)
    make_unreadable(folder / "unreadable.mp4")


def film(
    path: Path,
    *,
    count: int = 12,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: bool = False,
    rotation: int | None = None,
    times: list[int] | None = None,
    first: int = 0,
    tags: dict[str, int] | None = None,
    muxer: dict[str, str] | None = None,
) -> None:
    """Write a small video of 25 frames a second."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        video: Any = container.add_stream(codec, rate=25, options={"g": "10"})
        video.width, video.height, video.pix_fmt = *size, pixel_format
        video.codec_context.time_base = Fraction(1, 25)
        for name, value in (tags or {}).items():
            setattr(video.codec_context, name, value)
        if rotation is not None:
            video.set_display_rotation(rotation)
        audio: Any = container.add_stream("aac", rate=_RATE, layout="mono") if sound else None
        for number in range(count):
            frame = VideoFrame.from_ndarray(pixels(number, *size)).reformat(format=pixel_format)
            frame.time_base = Fraction(1, 25)
            frame.pts = first + (times[number] if times else number)
            container.mux(video.encode(frame))
        if sound:
            for number in range(max(count, 10)):
                container.mux(audio.encode(tone(number)))
            container.mux(audio.encode())
        if count:
            container.mux(video.encode())


def pixels(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """A picture with something in it, (H, W, 3), another one for each number."""
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)


def tone(number: int) -> AudioFrame:
    """A twenty-fifth of a second of sound."""
    length = _RATE // 25
    wave = np.sin(np.arange(length) * 0.3).astype(np.float32)[None]
    frame = AudioFrame.from_ndarray(wave, "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = _RATE, length * number, Fraction(1, _RATE)
    return frame
