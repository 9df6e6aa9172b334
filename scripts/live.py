"""Live figures without a window: a video as the camera, then a switch of styles every two seconds.

The first run finds the working size that holds the rate and prints fps, latency and drops. The others work
at that size, and the last asks for another style every two seconds; its longest gap is the longest stall.

Usage: python scripts/live.py FILM [--style starry-night] [--fps 30] [--seconds 30] [--switching 60]
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import fastst
from fastst.live import LiveSettings
from fastst.live.shelf import StyleShelf
from fastst.live.webcam import run_live
from fastst.networks.styles import installed_styles
from fastst.stylize.stylizer import Stylizer

_SWITCH_SECONDS = 2.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("film")
    parser.add_argument("--style", default="starry-night")
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--switching", type=float, default=60)
    arguments = parser.parse_args()
    film = arguments.film
    settings = LiveSettings(
        source=film, loop=True, headless=True, fps=arguments.fps, seconds=arguments.seconds
    )
    report = run_live([arguments.style], load_by_name, settings)
    print(f"finds its size: {report}", flush=True)
    settled = LiveSettings(
        source=film,
        loop=True,
        headless=True,
        size=max(report.width, report.height),
        seconds=arguments.seconds,
    )
    print(f"at that size:   {run_live([arguments.style], load_by_name, settled)}", flush=True)
    switching = settled.model_copy(update={"seconds": arguments.switching})
    switch, count = every_two_seconds()
    report = run_live(styles(arguments.style), load_by_name, switching, on_shelf=switch)
    print(f"switching:      {report}; {count()} switches")


def styles(first: str) -> list[str]:
    """The installed styles, the first one first; where there is only one, twice over."""
    names = list(dict.fromkeys([first, *installed_styles()]))
    return names if len(names) > 1 else [first, str(installed_styles().get(first, Path(first)))]


def load_by_name(name: str) -> Stylizer:
    """Load a style as ``fastst webcam`` does."""
    return fastst.load(name, engine="auto")


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
