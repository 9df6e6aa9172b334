"""Photos over a Ray cluster of two nodes on this machine: killed workers, a node that goes, memory, speed.

    python scripts/cluster_trials.py --photos 2000             # deaths: from a folder and from an S3 stand-in
    python scripts/cluster_trials.py --speed --photos 400      # only on a machine whose two cores are free

The speed of two workers means something only while nothing else runs: each takes a core of its own.
"""

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from fastst.cluster.folders import Folder
from fastst.cluster.photos import PhotosProgress, paint_photos
from fastst.cluster.pools import open_pool
from fastst.cluster.portable import PortableStylizer, load_portable
from fastst.cluster.ray_pool import ray_pool
from tests.cluster.two_nodes import two_nodes

_MIB = 2**20


def main() -> int:
    """Run what is asked for; return 1 if a picture is missing, twice or half there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--size", type=int, default=96, help="long side of the photos in pixels")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--style", default="starry-night.film")
    parser.add_argument("--only", choices=("folder", "s3"))
    parser.add_argument("--speed", action="store_true", help="compare speeds instead")
    choices = parser.parse_args()
    portable = load_portable(choices.style, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "in")
        make_photos(photos, count=choices.photos, size=choices.size)
        if choices.speed:
            compare_speeds(portable, photos, Path(folder))
            return 0
        draw = random.Random(choices.seed)
        good = True
        with object_store() as bucket:
            if choices.only != "s3":
                good &= try_deaths(portable, str(photos), f"{folder}/out", draw, kills=choices.kills)
            if choices.only != "folder":
                upload(photos, f"{bucket}/in")
                good &= try_deaths(portable, f"{bucket}/in", f"{bucket}/out", draw, kills=choices.kills)
    return 0 if good else 1


def make_photos(folder: Path, *, count: int, size: int) -> None:
    """Write small photos of soft colors, a hundred in each folder."""
    draw = np.random.default_rng(0)
    for number in range(count):
        part = folder / f"{number // 100:03}"
        part.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(draw.integers(0, 256, (9, 12, 3), dtype=np.uint8))
        coarse.resize((size, size * 3 // 4)).save(part / f"{number:06}.jpg", quality=90)


def try_deaths(
    portable: PortableStylizer, source: str, target: str, draw: random.Random, *, kills: int
) -> bool:
    """Paint all, while workers are killed at random moments and a node is removed; say what came of it."""
    moments = sorted(draw.uniform(0.05, 0.85) for _ in range(kills + 1))
    gone = draw.randrange(kills + 1)
    memory = Memory()
    with two_nodes() as (cluster, second), ray_pool(cluster.address, device="cpu") as pool:
        events: list[str] = []

        def act(progress: PhotosProgress) -> None:
            memory.note()
            if len(events) <= kills and progress.done >= moments[len(events)] * (progress.total or 1e9):
                if len(events) == gone:
                    events.append(f"a node removed at {progress.done}")
                    threading.Thread(target=cluster.remove_node, args=(second,)).start()
                else:
                    killed = kill_a_worker(draw)
                    events.append(f"worker {killed} killed at {progress.done}")

        result = paint_photos(pool, portable, Folder(source), Folder(target), on_progress=act)
    whole, half, others = look(Folder(source), Folder(target))
    print(f"{source} -> {target}: {'; '.join(events)}")
    print(
        f"  {result.total} photos: {whole} there and whole, {half} half, {others} that should not be there; "
        f"{result.painted} painted, {result.failed} failed; {result.rate:.1f} a second"
    )
    print(f"  memory: {memory}", flush=True)
    return whole == result.total and not half and not others and not result.failed


def look(source: Folder, target: Folder) -> tuple[int, int, int]:
    """Count the copies that are whole, those that are half, and files that are no photo's copy."""
    whole = half = others = 0
    for folder, names in source.pictures(without=target, on_unlisted=lambda *_: None):
        there = target.names(folder)
        others += len(there - set(names))
        for name in there & set(names):
            with target.fetched(f"{folder}/{name}") as file:
                is_whole = can_be_read(file)
            whole, half = whole + is_whole, half + (not is_whole)
    return whole, half, others


def can_be_read(file: Path) -> bool:
    """Return whether a picture can be decoded to its end."""
    with contextlib.suppress(OSError, SyntaxError), Image.open(file) as picture:
        picture.load()
        return True
    return False


@contextmanager
def object_store() -> Iterator[str]:
    """Yield the address of an empty bucket at a stand-in for S3, in this process."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    import fsspec

    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("trials")
    yield "s3://trials"
    server.stop()


def upload(photos: Path, address: str) -> None:
    """Put all photos of a folder under an address."""
    target = Folder(address)
    for photo in sorted(photos.rglob("*.jpg")):
        with target.stored(photo.relative_to(photos).as_posix()) as file:
            file.write_bytes(photo.read_bytes())


def kill_a_worker(draw: random.Random) -> int | None:
    """SIGKILL one of the actors that paint; return its process id."""
    actors = [process for process in running() if any("MapWorker" in word for word in words(process))]
    if not actors:
        return None
    killed = draw.choice(actors)
    killed.kill()
    return killed.pid


def running() -> list[psutil.Process]:
    """Return the processes that this one has started."""
    return psutil.Process().children(recursive=True)


def words(process: psutil.Process) -> list[str]:
    """Return a process's command line; nothing of one that has ended."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline()
    return []


class Memory:
    """The memory of this process and of all that it has started, over the time of a run."""

    def __init__(self) -> None:
        self._noted: list[tuple[float, float, float]] = []
        self._last = 0.0

    def note(self) -> None:
        """Measure, if the last time is a second ago."""
        if time.monotonic() - self._last < 1:
            return
        self._last = time.monotonic()
        own = psutil.Process().memory_info().rss
        actors = 0
        for process in running():
            with contextlib.suppress(psutil.Error):
                actors = max(
                    actors, process.memory_info().rss if "MapWorker" in "".join(words(process)) else 0
                )
        self._noted.append((self._last, own / _MIB, actors / _MIB))

    def __str__(self) -> str:
        third = max(1, len(self._noted) // 3)
        parts = [self._noted[start : start + third] for start in (0, third, 2 * third)]
        told = []
        for index, name in ((1, "this process"), (2, "the largest worker")):
            peaks = [f"{max(row[index] for row in part):.0f}" for part in parts if part]
            told.append(f"{name} {' / '.join(peaks)} MiB")
        return f"{', '.join(told)} at most in the three thirds of the run"


def compare_speeds(portable: PortableStylizer, photos: Path, folder: Path) -> None:
    """Say how many a second one process paints on one core, and two workers on one each; by both engines."""
    alone = rate_of(folder / "alone", portable, photos, workers=1)
    print(f"one process: {alone:.2f} photos a second")
    spread = rate_of(folder / "spread", portable, photos, workers=2)
    print(f"--workers 2: {spread:.2f} photos a second, {spread / alone:.2f} times")
    with two_nodes() as (cluster, _):
        clustered = rate_of(folder / "cluster", portable, photos, cluster=cluster.address)
    print(f"--cluster, two nodes of one core: {clustered:.2f} photos a second, {clustered / alone:.2f} times")
    print(f"overhead of Ray: {1000 * (2 / clustered - 1 / alone):.1f} ms a picture and core")


def rate_of(target: Path, portable: PortableStylizer, photos: Path, **pool: Any) -> float:
    """Return the photos a second from the time when every process has begun."""
    marks: list[tuple[float, int]] = []

    def mark(progress: PhotosProgress) -> None:
        marks.append((time.perf_counter(), progress.painted))

    chosen: dict[str, Any] = {"workers": None, "cluster": None, **pool}
    with open_pool(**chosen, device="cpu") as painters:
        paint_photos(painters, portable, Folder(str(photos)), Folder(str(target)), on_progress=mark)
    # The first fifth has the start of the processes in it.
    begin = len(marks) // 5
    return (marks[-1][1] - marks[begin][1]) / (marks[-1][0] - marks[begin][0])


if __name__ == "__main__":
    sys.exit(main())
