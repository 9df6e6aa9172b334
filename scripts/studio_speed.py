"""How quick the studio is: from a slider to the picture, and live pictures a second, in a real browser.

A headless Chromium uses the page. For the slider, the mix of two styles is moved on a photo of 1 megapixel;
the time is from the slider's event to the new picture being decoded in the page: first the draft, then the
true picture. Live is 640 x 480 from the browser's test camera at 30 frames a second, or a y4m video.

Usage: python scripts/studio_speed.py [PHOTO] [--moves 12] [--seconds 20] [--camera FILM.y4m]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from playwright.sync_api import sync_playwright

from fastst.images.pictures import Picture, read_picture, write_picture

_SIDES = 1152, 896
_PHOTO = Path(__file__).parents[1] / "fastst" / "photos" / "coffee.jpg"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
# Moves the slider, and notes when each new picture is there.
_MOVE = """
async ([value, wanted]) => {
    const picture = () => [...document.querySelectorAll("#result img")].at(-1);
    const slider = document.querySelector("#share input[type=range]");
    const began = performance.now(), times = [];
    let last = picture().src;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    while (times.length < wanted && performance.now() - began < 60000) {
        await new Promise((then) => setTimeout(then, 2));
        if (picture().src === last) continue;
        last = picture().src;
        await picture().decode();
        times.push(performance.now() - began);
    }
    return times;
}
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photo", nargs="?", type=Path, default=_PHOTO)
    parser.add_argument("--moves", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--camera", type=Path)
    parser.add_argument("--style", default="The Scream", help="The title of the second style.")
    arguments = parser.parse_args()
    print(f"{len(os.sched_getaffinity(0))} cores, {torch.get_num_threads()} threads of torch")
    with studio() as (address, folder), opened_page(address, arguments.camera) as page:
        print_slider(page, megapixel(arguments.photo, folder), arguments)
        print_live(page, arguments.seconds)


def print_slider(page: Any, photo: Path, arguments: argparse.Namespace) -> None:
    """Time the mixing slider."""
    page.set_input_files("#photo input[type=file]", photo)
    page.wait_for_selector("#command code")
    page.click("#second input")
    page.get_by_role("option", name=arguments.style).click()
    page.locator("#command code").filter(has_text="+").wait_for()
    page.wait_for_timeout(5000)
    drafts, trues = [], []
    for move in range(arguments.moves + 1):
        times = page.evaluate(_MOVE, [0.2 + 0.6 * move / (arguments.moves + 1), 2])
        if move:  # the first one warms up
            drafts.append(times[0])
            trues.append(times[1])
    told = [f"{statistics.median(times):.0f} ms (longest {max(times):.0f})" for times in (drafts, trues)]
    print(f"{_SIDES[0]} x {_SIDES[1]}, {len(drafts)} moves of the slider")
    print(f"to the draft {told[0]}, to the true picture {told[1]}")


def print_live(page: Any, seconds: float) -> None:
    """Let the Live tab run, at 640 x 480 and at the size that it chooses."""
    page.get_by_role("tab", name="Live").click()
    for size in ("640", "Auto"):
        page.locator("#live-size label").filter(has_text=size).click()
        page.click("#live-toggle")
        page.wait_for_function("faststLive.fps > 0")
        page.wait_for_timeout(5000)  # it may still choose its size
        figures = []
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            page.wait_for_timeout(1000)
            figures.append(page.evaluate("[faststLive.fps, faststLive.delay]"))
        width, height = (
            page.evaluate(f"document.getElementById('live-picture').{side}") for side in ("width", "height")
        )
        fps, delay = (statistics.median(each) for each in zip(*figures, strict=True))
        print(f"live {size}: {width} x {height}, {fps:.1f} fps, {delay:.0f} ms from camera to screen")
        page.click("#live-toggle")


def megapixel(photo: Path, folder: Path) -> Path:
    """Write the photo at 1 megapixel."""
    target = folder / "photo.jpg"
    large = read_picture(photo).rgb.resize(_SIDES, Image.Resampling.LANCZOS)
    write_picture(Picture(rgb=large), target)
    return target


@contextmanager
def studio() -> Iterator[tuple[str, Path]]:
    """Yield the address of a studio, and a folder."""
    command = [sys.executable, "-m", "fastst", "studio", "--no-browser"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None
        said = process.stdout.readline()
        yield next(word.rstrip(";") for word in said.split() if word.startswith("http")), Path(folder)
        process.terminate()


@contextmanager
def opened_page(address: str, camera: Path | None) -> Iterator[Any]:
    """Yield the studio's page in a browser."""
    browser = next(path for name in _BROWSERS if (path := shutil.which(name)))
    shown = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    flags = [*_QUIET, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=30", *shown]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=flags)
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(address)
        page.wait_for_selector("#styles .thumbnail-item")
        yield page
        opened.close()


if __name__ == "__main__":
    main()
