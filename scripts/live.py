"""Live figures without a window: a video as the camera, then a switch of styles every two seconds.

The first run finds the working size that holds the rate and prints fps, latency and drops. The others work
at that size, and the last asks for another style every two seconds; its longest gap is the longest stall.

With a size there is one run, at that size; with a rate for the source, the film's frames come at that rate,
whatever its own is, as from a camera that has it.

Usage: python scripts/live.py FILM [--style starry-night] [--fps 30] [--seconds 30] [--switching 60]
       python scripts/live.py FILM --size 640 --source-fps 60 [--engine auto]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av

import fastst
from fastst.live import LiveSettings
from fastst.live.shelf import StyleShelf
from fastst.live.webcam import run_live
from fastst.networks.styles import installed_styles
from fastst.stylize.stylizer import Stylizer

_SWITCH_SECONDS = 2.0
# Pictures are decoded up to so many places before they are shown.
_REORDERED = 16


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("film")
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--switching", type=float, default=60)
    parser.add_argument("--size", type=int)
    parser.add_argument("--source-fps", type=int)
    parser.add_argument("--engine", default="auto")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = arguments.film
        if arguments.source_fps:
            film = str(retimed(film, Path(folder) / "film.mkv", fps=arguments.source_fps))
        settings = LiveSettings(source=film, loop=True, headless=True, seconds=arguments.seconds)
        if arguments.size:
            print_one(arguments.style, arguments.engine, settings, size=arguments.size)
        else:
            print_all(arguments, settings)


def print_one(style: str, engine: str, settings: LiveSettings, *, size: int) -> None:
    """Print the figures of one run at one size."""
    stylizer = load_by_name(style, engine)
    run = settings.model_copy(update={"size": size})
    print(f"{stylizer.engine_name}: {run_live([style], lambda name: stylizer, run)}")


def print_all(arguments: argparse.Namespace, settings: LiveSettings) -> None:
    """Print the figures of the search for a size, of a run at that size, and of one that switches styles."""
    load = partial(load_by_name, engine=arguments.engine)
    search = settings.model_copy(update={"fps": arguments.fps})
    report = run_live([arguments.style], load, search)
    print(f"finds its size: {report}", flush=True)
    settled = settings.model_copy(update={"size": max(report.width, report.height)})
    print(f"at that size:   {run_live([arguments.style], load, settled)}", flush=True)
    switching = settled.model_copy(update={"seconds": arguments.switching})
    switch, count = every_two_seconds()
    report = run_live(styles(arguments.style), load, switching, on_shelf=switch)
    print(f"switching:      {report}; {count()} switches")


def retimed(film: str, path: Path, *, fps: int) -> Path:
    """Write the film's pictures anew, so that they follow one another at one rate."""
    with av.open(film) as source, av.open(str(path), "w") as copy:
        old = source.streams.video[0]
        new = copy.add_stream_from_template(old, opaque=True)
        packets = [packet for packet in source.demux(old) if packet.pts is not None]
        shown = sorted(packets, key=lambda packet: packet.pts or 0)
        places = {packet.pts: place for place, packet in enumerate(shown)}
        new.time_base = Fraction(1, fps)
        for number, packet in enumerate(packets):
            packet.pts, packet.dts = places[packet.pts], number - _REORDERED
            packet.duration, packet.time_base, packet.stream = 1, Fraction(1, fps), new
            copy.mux(packet)
    return path


def styles(first: str) -> list[str]:
    """The installed styles, the first one first; where there is only one, twice over."""
    names = list(dict.fromkeys([first, *installed_styles()]))
    return names if len(names) > 1 else [first, str(installed_styles().get(first, Path(first)))]


def load_by_name(name: str, engine: str) -> Stylizer:
    """Load a style as ``fastst webcam`` does."""
    return fastst.load(name, engine=engine, for_video=True)


def every_two_seconds() -> tuple[Callable[[StyleShelf], None], Callable[[], int]]:
    """Return what asks for the next style every two seconds, and what tells how often it did."""
    last, switches = time.monotonic(), 0

    def switch(shelf: StyleShelf) -> None:
        nonlocal last, switches
        if time.monotonic() - last >= _SWITCH_SECONDS:
            last = time.monotonic()
            switches += 1
            shelf.step(1)

    return switch, lambda: switches


if __name__ == "__main__":
    main()
