"""Frames a second of ``fastst video`` against the bare network on the same frames, in one run; its memory.

The bare network gets finished tensors and gives back tensors: no decoding, no conversion, no encoding. Both
take turns; where other work has the cores, the processor time, on all of them together, says more than the
clock. Then each stage is run by itself, for its processor time. For the memory a clip is looped to 2,000
frames; what the process holds is read at frame 200 and at the last.

Usage: python scripts/video_speed.py CLIP [--style starry-night] [--size 512] [--frames 60] [--rounds 3]
       python scripts/video_speed.py CLIP --streams 2 [--size 512]
       python scripts/video_speed.py CLIP --memory [--size 160]
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, TypeVar

import av
import torch

import fastst
from fastst.stylize.stylizer import Stylizer
from fastst.video.colors import RgbReader, RgbWriter
from fastst.video.conversion import VideoProgress, frame_stylizer_of, stylize_film
from fastst.video.ends import encoding_of
from fastst.video.flow import Pixels
from fastst.video.frame import Frame
from fastst.video.reading import FilmReader
from fastst.video.settings import VideoSettings
from fastst.video.writing import FilmWriter

Result = TypeVar("Result")
_MEMORY_FRAMES = (200, 2000)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip")
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    stylizers = [
        fastst.load(arguments.style, engine=arguments.engine, for_video=True)
        for _ in range(arguments.streams)
    ]
    stylizer = stylizers[0]
    with tempfile.TemporaryDirectory() as folder:
        if arguments.memory:
            print_memory(stylizer, arguments.clip, Path(folder), size=arguments.size)
        elif arguments.streams > 1:
            print_streams(stylizers, arguments.clip, Path(folder), arguments)
        else:
            print_speed(stylizer, arguments.clip, Path(folder), arguments)
            print_stages(stylizer, arguments.clip, Path(folder), arguments)


def print_speed(stylizer: Stylizer, clip: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Time the bare network and the whole program in turn."""
    frames, seconds = read_frames(clip, size=arguments.size, most=arguments.frames)
    layout = stylizer.engine.layout
    frames = [frame.to(stylizer.device).contiguous(memory_format=layout) for frame in frames]
    settings = VideoSettings(size=arguments.size, duration=seconds)
    bare, whole = [], []
    for turn in range(arguments.rounds + 1):
        network = paced(len(frames), lambda: run_network(stylizer, frames))
        film = paced(
            len(frames),
            lambda: stylize_film(stylizer, clip, folder / "out.mp4", settings, overwrite=True),
        )
        if turn:  # the first round warms up
            bare.append(network)
            whole.append(film)
    height, width = frames[0].shape[-2:]
    print(
        f"{len(frames)} frames of {width}x{height} on {stylizer.device} with {stylizer.engine_name}, "
        f"{torch.get_num_threads()} threads, "
        f"median of {arguments.rounds} rounds that took turns"
    )
    network, film = (Pace(*map(statistics.median, zip(*rounds, strict=True))) for rounds in (bare, whole))
    share, processor_share = film.fps / network.fps, network.milliseconds / film.milliseconds
    print(f"bare network  {network.fps:7.2f} fps, {network.milliseconds:6.2f} ms of processor time a frame")
    print(
        f"fastst video  {film.fps:7.2f} fps, {film.milliseconds:6.2f} ms, opening and closing files included"
    )
    print(f"share         {100 * share:7.1f} %  {100 * processor_share:6.1f} % of the processor time")


class Pace(NamedTuple):
    """How fast frames are: how many a second, and the processor time of each on all cores together."""

    fps: float
    milliseconds: float


def paced(frames: int, work: Callable[[], object]) -> Pace:
    """Time the work on so many frames."""
    began = time.perf_counter()
    _, busy = timed(work)
    return Pace(frames / (time.perf_counter() - began), 1000 * busy / frames)


def print_streams(stylizers: list[Stylizer], clip: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Print how many frames a second several films at once get together, against one alone."""
    settings = VideoSettings(size=arguments.size)

    def film(number: int) -> int:
        out = folder / f"{number}.mp4"
        return stylize_film(stylizers[number], clip, out, settings, overwrite=True).frames

    frames = film(0)  # warms up
    alone, together = [], []
    with ThreadPoolExecutor(len(stylizers)) as threads:
        for _ in range(arguments.rounds):
            alone.append(paced(frames, lambda: film(0)))
            every = len(stylizers) * frames
            together.append(paced(every, lambda: list(threads.map(film, range(len(stylizers))))))
    one, several = (statistics.median(pace.fps for pace in rounds) for rounds in (alone, together))
    print(f"one film      {one:7.2f} fps")
    print(f"{len(stylizers)} at once     {several:7.2f} fps together: {100 * several / one:.1f} %")


def print_stages(stylizer: Stylizer, clip: str, folder: Path, arguments: argparse.Namespace) -> None:
    """Print the processor time that each stage of ``fastst video`` takes of a frame."""
    settings, output = VideoSettings(size=arguments.size), folder / "stages.mp4"
    film = FilmReader(clip, size=arguments.size)
    facts, encoding = film.facts, encoding_of(str(output), settings)
    assert encoding is not None
    with av.open(clip) as opened:
        decoded, decoding = timed(lambda: list(itertools.islice(opened.decode(video=0), arguments.frames)))
    read, write = RgbReader(facts.colors), RgbWriter(encoding.pixel_format, facts.colors)
    paint, sink = frame_stylizer_of(stylizer, settings), FilmWriter(output, output, facts, encoding)
    size = facts.width, facts.height
    pictures, reading = timed(lambda: [read(frame, *size, with_alpha=False)[0] for frame in decoded])
    painted, painting = timed(lambda: [paint(picture) for picture in pictures])
    _, converting = timed(lambda: [write(picture, None) for picture in painted])
    _, writing = timed(lambda: write_all(sink, painted))
    stages = {
        "decoded": decoding,
        "to RGB": reading,
        "painted, colors included": painting,
        "from RGB": converting,
        "encoded": writing - converting,
    }
    told = ", ".join(f"{name} {1000 * seconds / len(decoded):.2f}" for name, seconds in stages.items())
    print(f"processor time in ms a frame: {told}")
    print(f"file of {len(decoded)} frames: {output.stat().st_size / 1000:.0f} kB")
    film.close()


def write_all(sink: FilmWriter, pictures: list[Pixels]) -> None:
    """Write a film at 25 frames a second."""
    for number, picture in enumerate(pictures):
        sink.write(Frame(rgb=picture, time=Fraction(number, 25), duration=Fraction(1, 25)))
    sink.close()


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what the work gives and the processor's seconds that it took."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def read_frames(clip: str, *, size: int, most: int) -> tuple[list[torch.Tensor], float]:
    """Return the first frames, each (1, 3, H, W), and how many seconds they are."""
    film = FilmReader(clip, size=size)
    frames: list[torch.Tensor] = []
    ended = 0.0
    for item in film.items():
        if isinstance(item, Frame):
            pixels = torch.from_numpy(item.rgb).permute(2, 0, 1)[None].float() / 255
            frames.append(pixels)
            ended = float(item.time + item.duration)
        if len(frames) == most:
            break
    film.close()
    return frames, ended


def run_network(stylizer: Stylizer, frames: list[torch.Tensor]) -> None:
    """Run the network alone."""
    engine = stylizer.engine
    for frame in frames:
        engine.run(frame)
    if stylizer.device.type == "cuda":
        torch.cuda.synchronize()


def print_memory(stylizer: Stylizer, clip: str, folder: Path, *, size: int) -> None:
    """Stylize 2,000 frames and print what the process holds on the way."""
    early, late = _MEMORY_FRAMES
    long = looped(clip, folder / "long.mkv", frames=late)
    held: dict[int, float] = {}

    def watch(progress: VideoProgress) -> None:
        if progress.frames in _MEMORY_FRAMES:
            held[progress.frames] = resident_mebibytes()

    result = stylize_film(
        stylizer, long, folder / "out.mkv", VideoSettings(size=size), overwrite=True, on_progress=watch
    )
    print(f"{result.frames} frames at {size} px")
    print(f"frame {early}: {held[early]:.1f} MiB, frame {late}: {held[late]:.1f} MiB, ", end="")
    print(f"{100 * (held[late] / held[early] - 1):+.1f} %")


def looped(clip: str, path: Path, *, frames: int) -> Path:
    """Write the clip's packets again and again until there are so many frames."""
    written, offset = 0, 0.0
    with av.open(str(path), "w") as film:
        copies: dict[int, av.stream.Stream] = {}
        while written < frames:
            with av.open(clip) as once:
                streams = [stream for stream in once.streams if stream.type in ("video", "audio")]
                if not copies:
                    copies = {
                        stream.index: film.add_stream_from_template(stream, opaque=True) for stream in streams
                    }
                ended = offset
                for packet in once.demux(streams):
                    if packet.dts is None or packet.pts is None:
                        continue
                    base = packet.time_base
                    ended = max(ended, offset + float((packet.pts + (packet.duration or 0)) * base))
                    packet.pts += round(offset / base)
                    packet.dts += round(offset / base)
                    if packet.stream.type == "video":
                        written += 1
                        if written > frames:
                            continue
                    packet.stream = copies[packet.stream.index]
                    film.mux(packet)
                offset = ended
    return path


def resident_mebibytes() -> float:
    """What this process holds in memory (Linux)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
