"""Small videos that the tests make themselves, and what is in a video."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

# Takes a name and the options of ``write_film``.
FilmMaker = Callable[..., Path]


def picture(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A gradient with a bright square that moves with the frame's number."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns * 255 // width, rows * 255 // height, 0 * rows + 90], axis=-1)
    left = 2 * number % max(width - 8, 1)
    pixels[4:12, left : left + 8] = 250
    return pixels.astype(np.uint8)


def write_film(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = (64, 48),
    times: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 12800),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: bool = False,
    rotation: int | None = None,
    first_time: int = 0,
    tags: dict[str, int] | None = None,
    options: dict[str, str] | None = None,
    picture_of: Callable[[int, int, int], NDArray[np.uint8]] = picture,
) -> Path:
    """Write a video of 25 frames a second; ``times`` and ``first_time`` are in ticks of the time base."""
    width, height = size
    with av.open(str(path), "w") as film:
        video: Any = film.add_stream(codec, rate=25, options={"crf": "10", **(options or {})})
        video.width, video.height, video.pix_fmt = width, height, pixel_format
        video.codec_context.time_base = time_base
        for tag, value in (tags or {}).items():
            setattr(video.codec_context, tag, value)
        if rotation is not None:
            video.set_display_rotation(rotation)
        tone: Any = film.add_stream("aac", rate=8000, layout="mono") if sound else None
        step = round(Fraction(1, 25) / time_base)
        for number in range(frames):
            pixels = picture_of(number, width, height)
            frame = av.VideoFrame.from_ndarray(pixels, "rgba" if pixels.shape[2] == 4 else "rgb24")
            frame = frame.reformat(format=pixel_format)
            frame.time_base = time_base
            frame.pts = first_time + (times[number] if times else number * step)
            film.mux(video.encode(frame))
            if sound:
                film.mux(tone.encode(_sound(number)))
        film.mux(video.encode())
        if sound:
            film.mux(tone.encode())
    return path


def _sound(number: int) -> av.AudioFrame:
    wave = np.sin(np.arange(320) * (0.1 + 0.01 * number)).astype(np.float32)[None]
    frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = 8000, 320 * number, Fraction(1, 8000)
    return frame


def packets(path: Path, kind: str) -> list[tuple[int | None, bytes]]:
    """The packets of one kind of track, with their times."""
    with av.open(str(path)) as film:
        stream = next(stream for stream in film.streams if stream.type == kind)
        return [(packet.pts, bytes(packet)) for packet in film.demux(stream) if packet.size]


def frame_times(path: Path) -> list[Fraction]:
    """When each frame is shown, in seconds."""
    with av.open(str(path)) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]


def frames(path: Path) -> list[NDArray[np.uint8]]:
    """The decoded frames, (H, W, 3)."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
