"""What a photo and a frame cost, stage by stage, in processor time on one core: the figures of docs/scale.md.

    OMP_NUM_THREADS=1 python scripts/scale_figures.py [--overhead]

Processor time, not time by the clock: it hardly depends on what else runs. ``--overhead`` measures what the
engines that spread work take for each picture, with work that does nothing.
"""

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import psutil
import torch
from PIL import Image

import fastst
from fastst.cluster.pools import WorkerPool, open_pool
from fastst.engines.base import frame_colors
from fastst.images.pictures import Picture, decode_picture
from fastst.stylize.stylizer import Stylizer
from fastst.training.monitor import FREE_PHOTOS

_SIZE = (1920, 1080)
_FRAMES = 16


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--overhead", action="store_true")
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--engines", nargs="*", default=["torch", "torch-bf16", "openvino-bf16"])
    choices = parser.parse_args()
    torch.set_num_threads(1)
    if choices.overhead:
        print_overhead()
        return
    print_photo(choices.style, choices.engines)
    print_film(choices.style, choices.engines)


def print_photo(style: str, engines: list[str]) -> None:
    """Print the stages of one photo of 1080p."""
    photo = photo_of_1080p()
    data = jpeg_of(photo, quality=90)
    decode = spent(lambda: decode_picture(io.BytesIO(data), name="photo"), 5)
    print(
        f"photo {photo.width} x {photo.height}, {len(data) / 1e6:.2f} MB as JPEG: decoded in {decode:.0f} ms"
    )
    picture = Picture(rgb=photo)
    without = Stylizer(torch.nn.Identity(), {}, device="cpu")
    around = spent(partial(without.stylize_picture, picture), 3)
    print(f"  carried to a network that does nothing and back: {around:.0f} ms")
    for film in (False, True):
        for engine in engines:
            stylizer = fastst.load(style, engine=engine, for_video=film)
            paint = spent(partial(stylizer.stylize_picture, picture), 2)
            print(f"  painted by {kind_of(film)}, {engine}: {paint:.0f} ms")
            if engine == engines[0] and not film:
                painted = stylizer.stylize_picture(picture).rgb
    encode = spent(partial(jpeg_of, painted), 5)
    print(f"  encoded in {encode:.0f} ms, {len(jpeg_of(painted)) / 1e6:.2f} MB")


def jpeg_of(picture: Image.Image, *, quality: int = 95) -> bytes:
    """Return a picture as a JPEG file."""
    encoded = io.BytesIO()
    picture.save(encoded, format="JPEG", quality=quality)
    return encoded.getvalue()


def print_film(style: str, engines: list[str]) -> None:
    """Print the stages of a frame of 1080p."""
    from fastst.video.codecs import choose_encoding
    from fastst.video.frame import Frame
    from fastst.video.reading import FilmReader
    from fastst.video.writing import FilmWriter

    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder, "video.mp4")
        write_film(film)
        began = time.process_time()
        reader = FilmReader(str(film))
        frames = [item for item in reader.items() if isinstance(item, Frame)]
        read = 1000 * (time.process_time() - began) / len(frames)
        colors = spent(partial(frame_colors, frames[0].rgb), 5)
        stylizer = fastst.load(style, engine=engines[-1], for_video=True)
        painted = [frame.painted(stylizer.frame(frame.rgb)) for frame in frames]
        out = Path(folder, "out.mp4")
        encoding = choose_encoding(out, codec=None, crf=None, preset=None, has_alpha=False)
        began = time.process_time()
        writer = FilmWriter(out, out, reader.facts, encoding)
        for frame in painted:
            writer.write(frame)
        writer.close()
        write = 1000 * (time.process_time() - began) / len(frames)
        print(
            f"frame of 1080p: read {read:.0f} ms, its colors {colors:.1f} ms, written {write:.0f} ms, ",
            end="",
        )
        print(f"{out.stat().st_size / len(frames) / 1e3:.0f} kB")
        for engine in engines:
            stylizer = fastst.load(style, engine=engine, for_video=True)
            print(f"  painted, {engine}: {spent(frame_work(stylizer, frames[0].rgb), 3):.0f} ms")


def frame_work(stylizer: Stylizer, frame: Any) -> Callable[[], Any]:
    """Return the painting of one frame."""
    return lambda: stylizer.frame(frame)


def kind_of(film: bool) -> str:
    """Return which of a style's networks that is."""
    return "the network for video" if film else "the network for stills"


def spent(work: Callable[[], Any], times: int) -> float:
    """Return the processor time of some work in ms, the median of several, after one to warm up."""
    work()
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(1000 * (time.process_time() - began))
    return median(found)


def photo_of_1080p() -> Image.Image:
    """Return one of the package's photos, enlarged, with the grain that such a size has."""
    with Image.open(FREE_PHOTOS / "coffee.jpg") as opened:
        photo = opened.convert("RGB").resize(_SIZE, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(0).normal(0, 4, (*_SIZE[::-1], 1))
    return Image.fromarray((np.asarray(photo) + grain).clip(0, 255).astype(np.uint8))


def write_film(path: Path) -> None:
    """Write a short, slow pan."""
    photo = np.asarray(photo_of_1080p())
    with av.open(str(path), "w") as film:
        stream: Any = film.add_stream("libx264", rate=24, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuv420p"
        for number in range(_FRAMES):
            pixels = np.roll(photo, -4 * number, axis=1)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        film.mux(stream.encode())


@dataclass(frozen=True)
class Nothing:
    """Work that does nothing."""

    def begin(self) -> Callable[[Any], Any]:
        """Return what gives back what it gets."""
        return _same


def _same(item: Any) -> Any:
    return item


def print_overhead(pictures: int = 4000, together: int = 16) -> None:
    """Print what handing a picture to a process and its result back takes."""
    for name, chosen in (("--workers 2", {"workers": 2}), ("--cluster auto", {"cluster": "auto"})):
        options: dict[str, Any] = {"workers": None, "cluster": None, "device": "cpu", **chosen}
        with open_pool(**options) as pool:
            took, clock = overhead(pool, pictures, together)
        print(
            f"{name}: {took:.2f} ms of processor time a picture, all processes; {clock:.2f} ms by the clock"
        )


def overhead(pool: WorkerPool, pictures: int, together: int) -> tuple[float, float]:
    """Return the ms a picture, without the first half, which has the start of the processes in it."""
    names = [f"folder/{number:08}.jpg" for number in range(pictures)]
    marks: list[tuple[float, float]] = []
    for count, _ in enumerate(pool.results(Nothing(), partial(iter, names), together=together), start=1):
        if count in (pictures // 2, pictures):  # while the processes are still there
            marks.append((spent_by_all(), time.perf_counter()))
    (began, clock), (ended, now) = marks
    half = pictures / 2
    return 1000 * (ended - began) / half, 1000 * (now - clock) / half


def spent_by_all() -> float:
    """Return the processor time of this process and of all that it has started, in seconds."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
