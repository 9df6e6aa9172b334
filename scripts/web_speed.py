"""Milliseconds a frame of the exported page's networks, by size and threads, in headless Chromium.

Beside the time that passed stands the processor time that all of Chromium took: where other work has the
cores, the former tells little, and the latter what the frame costs.

Usage: fastst export starry-night --web page && python scripts/web_speed.py page [--sides 192 256 320]
"""

import argparse
import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

_ARGUMENTS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
_SHAPE = 3 / 4
# Runs in the page, whose own painter is idle by then: noise, painted again and again, each one's time.
_PAINT = """async ([kind, side, height, frames]) => {
    const { paint } = await import("./painter.js");
    const { styles } = await (await fetch("styles.json")).json();
    const parts = [{ ...styles[0][kind], share: 1 }];
    const noise = new ImageData(side, height);
    crypto.getRandomValues(noise.data.subarray(0, 65536));
    const times = [];
    for (let i = 0; i < frames; i++) {
        const start = performance.now();
        await paint(new ImageData(noise.data.slice(), side), { parts, video: i ? "goes on" : "begins" });
        times.push(performance.now() - start);
    }
    return times;
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        """Say nothing of a page that was left while a file was on its way."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("page", type=Path, help="what `fastst export --web` wrote")
    parser.add_argument(
        "--kind", choices=("live", "photo"), default="live", help="which of the style's networks"
    )
    parser.add_argument("--sides", type=int, nargs="+", default=[128, 160, 192, 224, 256, 320, 384, 512, 640])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--runtime", choices=("wasm", "webgpu"), default="wasm")
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--chromium", default="chromium", help="its command")
    parser.add_argument("--arguments", default=_ARGUMENTS, help="of Chromium")
    arguments = parser.parse_args()
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=arguments.page))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} as it begins")
    print("size       threads  ms median  ms least  processor ms")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which(arguments.chromium), args=arguments.arguments.split()
        )
        for threads in arguments.threads:
            page = chromium.new_page()
            query = f"?runtime={arguments.runtime}&threads={threads}"
            page.goto(f"http://127.0.0.1:{server.server_port}/{query}")
            page.locator("#status", has_text="Painted").wait_for(timeout=120_000)
            for side in arguments.sides:
                _measure(page, arguments.kind, side, frames=arguments.frames, threads=threads)
            page.close()
        chromium.close()
    server.shutdown()


def _measure(page: Any, kind: str, side: int, *, frames: int, threads: int) -> None:
    height = round(_SHAPE * side)
    page.evaluate(_PAINT, [kind, side, height, 2])
    before = _processor_seconds()
    times = sorted(page.evaluate(_PAINT, [kind, side, height, frames]))
    spent = 1000 * (_processor_seconds() - before) / frames
    size = f"{side}x{height}"
    print(f"{size:9} {threads:8} {times[frames // 2]:10.0f} {times[0]:9.0f} {spent:13.0f}", flush=True)


def _processor_seconds() -> float:
    """Return what Chromium's processes took so far."""
    found = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(times.user + times.system for times in found)


if __name__ == "__main__":
    main()
