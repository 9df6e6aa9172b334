"""Files of every kind that is read, damaged at random and given to the command line.

Wrong is a traceback or "unexpected" where a line should stand, an exit code other than 0, 1 and 2, over
20 s or 2 GiB, anything left behind beside the output, and a success whose output cannot be read or that
should have been refused: a training state has a digest.
"""

import contextlib
import io
import multiprocessing as mp
import random
import resource
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.faults.damage import NETWORK, TRAINING, make_seeds, misspelt, mutated

pytestmark = pytest.mark.slow
SECONDS, BYTES = 20, 2 * 2**30
# How many of each kind.
KINDS = {
    "picture": 600,
    "video": 400,
    "checkpoint": 300,
    "recipe": 300,
    "state": 200,
    "mask": 100,
    "flow": 100,
    "data": 100,
}
_SMALL = ["--engine", "torch", "--overwrite"]


@dataclass(frozen=True)
class Case:
    """A command over a damaged file, and the output that it names, if it names one."""

    kind: str
    arguments: list[str]
    output: Path | None
    must_fail: bool = False


class Worker:
    """A process that runs command lines one after the other, and another one where it hangs or grows."""

    def __init__(self) -> None:
        self._process: mp.process.BaseProcess | None = None
        self._ours: Connection | None = None

    def run(self, arguments: list[str]) -> tuple[int | str, str, float, int]:
        """Return exit code, what was said, seconds, and the most bytes of memory so far."""
        if self._process is None:
            context = mp.get_context("spawn")
            self._ours, theirs = context.Pipe()
            self._process = context.Process(target=work, args=(theirs,), daemon=True)
            self._process.start()
            self._ours.recv()  # imports are not counted
        assert self._ours is not None
        began = time.monotonic()
        self._ours.send(arguments)
        code: int | str = "hang"
        said, peak = "", 0
        with contextlib.suppress(EOFError, ConnectionResetError):
            if self._ours.poll(SECONDS):
                code = "crash"
                code, said, peak = self._ours.recv()
        seconds = time.monotonic() - began
        if isinstance(code, str) or peak > BYTES:
            self.stop()
        return code, said, seconds, peak

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None


def run_once(arguments: list[str]) -> None:
    """Run a command line that must succeed, in a process that ends with it."""
    worker = Worker()
    code, said, _, _ = worker.run(arguments)
    assert code == 0, said
    worker.stop()


def work(theirs: Connection) -> None:
    """Run what comes through the pipe."""
    import torch

    from fastst.cli import main as command_line
    from fastst.loss_network import load_loss_network
    from fastst.losses.settings import ObjectiveSettings

    torch.set_num_threads(1)
    load_loss_network(ObjectiveSettings().layers)
    theirs.send("ready")
    while True:
        arguments = theirs.recv()
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
        code: int | str = 0
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                command_line(arguments)
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 0
            except BaseException as error:
                code = type(error).__name__
        said.flush()
        said.seek(0)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        theirs.send((code, said.read(), peak))


def faults_of(case: Case, code: int | str, said: str, seconds: float, peak: int, room: Path) -> list[str]:
    """Return what went wrong, in a few words each."""
    left = {entry.name for entry in room.iterdir()} - {"in", "out"}
    left |= {entry.name for entry in (room / "out").iterdir() if entry != case.output}
    if case.kind in ("recipe", "state", "data"):  # a training keeps its state beside its checkpoint
        left -= {"a.state.safetensors", "a.png"}
    found = {
        "traceback": "Traceback" in said,
        "unexpected": "unexpected" in said,
        f"ended with {code}": code not in (0, 1, 2),
        "slow": seconds > SECONDS,
        "large": peak > BYTES,
        "left behind": bool(left),
        "silent": code != 0 and not said.strip(),
        "wrong success": code == 0 and (case.must_fail or not is_sound(case.output)),
        "output after a failure": code in (1, 2) and case.output is not None and case.output.exists(),
    }
    return [fault for fault, there in found.items() if there]


def is_sound(output: Path | None) -> bool:
    """Whether an output can be read to its end."""
    if output is None:
        return True
    try:
        if output.suffix == ".safetensors":
            from fastst.networks.checkpoint import load_checkpoint

            return bool(load_checkpoint(output))
        if output.suffix == ".mp4":
            with av.open(str(output)) as film:
                return sum(1 for _ in film.decode(video=0)) > 0
        with Image.open(output) as picture:
            picture.load()
    except Exception:
        return False
    return True


def make_case(kind: str, seeds: list[Path], room: Path, draw: random.Random) -> Case:
    """Put a damaged file into ``room``, and return the command to run over it."""
    seed = draw.choice(seeds)
    place, out = room / "in", room / "out"
    place.mkdir(parents=True)
    out.mkdir()
    target = place / seed.name
    base = seed.parent
    photo, painting, tiny = (
        str(base / "photo.png"),
        str(base / "painting.png"),
        str(base / "tiny.safetensors"),
    )
    if kind == "flow":
        for name in ("1.png", "2.png"):
            shutil.copy(base / "photo.png", place / name)
    if kind == "data":
        shutil.copy(base / "photo.png", place / "sound.png")
    is_text = kind == "recipe" and draw.random() < 0.7
    damaged = (misspelt if is_text else mutated)(seed.read_bytes(), draw)
    target.write_bytes(damaged)
    source, picture, checkpoint = str(target), out / "a.png", out / "a.safetensors"
    if kind == "picture":
        return Case(
            kind, ["stylize", source, "-s", tiny, "-o", str(picture), "--size", "64", *_SMALL], picture
        )
    if kind == "video":
        video = out / "a.mp4"
        return Case(kind, ["video", source, "-s", tiny, "-o", str(video), "--size", "64", *_SMALL], video)
    if kind == "checkpoint":
        return Case(kind, ["stylize", photo, "-s", source, "-o", str(picture), *_SMALL], picture)
    if kind == "mask":
        regions = ["--region", f"{source}:{tiny}", "--region", f"rest:{tiny}"]
        return Case(kind, ["stylize", photo, *regions, "-o", str(picture), *_SMALL], picture)
    if kind == "flow":
        return Case(kind, ["evaluate", tiny, "--flow", str(place)], None)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**TRAINING, **NETWORK}.items()]
    training = ["train", painting, "-o", str(checkpoint), "--init", "nothing"]
    if kind == "recipe":
        # Steps are bounded here, as a recipe may ask for any number of them.
        return Case(
            kind,
            ["train", "--config", source, "-o", str(checkpoint), "--steps", "1", "--minutes", "0.1"],
            checkpoint,
        )
    if kind == "data":
        return Case(kind, [*training, *options, "--data", str(place)], checkpoint)
    state = out / "a.state.safetensors"
    state.write_bytes(damaged)
    is_damaged = damaged != seed.read_bytes()
    return Case(
        kind, [*training, *options, "--resume"], None if is_damaged else checkpoint, must_fail=is_damaged
    )


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return make_seeds(tmp_path_factory.mktemp("sound") / "seeds", run_once)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told_in_one_line(
    kind: str, seeds: dict[str, list[Path]], worker: Worker, tmp_path: Path
) -> None:
    draw, wrong = random.Random(kind), []
    for number in range(KINDS[kind]):
        room = tmp_path / str(number)
        case = make_case(kind, seeds[kind], room, draw)
        code, said, seconds, peak = worker.run(case.arguments)
        if faults := faults_of(case, code, said, seconds, peak, room):
            wrong.append(f"{number}: {', '.join(faults)}: {' '.join(case.arguments)}: {said[-300:]}")
        else:
            shutil.rmtree(room)
    assert not wrong, "\n".join(wrong)
