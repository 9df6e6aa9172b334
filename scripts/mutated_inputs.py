"""Damage files of every kind at random, give them to the command line, and count what goes wrong.

    python scripts/mutated_inputs.py [--count 2100] [--seed 0] [--kinds picture film ...]

Kinds: pictures, films, checkpoints, recipes, training states, masks, flows and data folders. Wrong is a
traceback or "unexpected" where a line should stand, an exit code other than 0, 1 and 2, more than 20 s or
2 GiB, anything left behind beside the output, and a success whose output cannot be read or that should have
been refused: a training state has a digest. Exits with 1 if anything is wrong; whatever is, is kept.
"""

import argparse
import contextlib
import io
import multiprocessing as mp
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np
import tifffile
import yaml
from PIL import Image

SECONDS, BYTES = 20, 2 * 2**30
# Shares of the inputs.
KINDS = {"picture": 6, "film": 4, "checkpoint": 3, "recipe": 3, "state": 2, "mask": 1, "flow": 1, "data": 1}
_SMALL = ["--engine", "torch", "--overwrite"]
_TRAINING = {"steps": 2, "size": 64, "batch": 1, "style_size": 64, "architecture": "swift"}
_NETWORK = {"width": 8}

# Values for a recipe that somebody might write by mistake, or to do harm.
_ODD = (
    *("-1", "0", "1e400", ".nan", ".inf", "99999999999999999999", "64.5", "null", "yes", "[]", "{}", "''"),
    *("[1, 2, 3]", "{a: 1}", "2026-02-31", "12:30:45", "0x_", "!!int abc", "!!python/object:os.system x"),
    *("&a [*a]", "*nothing", "<<: 1", "'\"\\ud800\"'", "'" + "x" * 5000 + "'", "[" * 500, "~/x", "/dev/zero"),
    *("/dev/null", "nobody/nothing-of-that-name", "starry-night", "\u202e", "synthetic", "brush-wide"),
)


@dataclass(frozen=True)
class Case:
    """A command over a damaged file, and the output that it names, if it names one."""

    kind: str
    arguments: list[str]
    output: Path | None
    must_fail: bool = False


def main() -> int:
    """Run all; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=2100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument(
        "--kept", type=Path, default=Path("mutated-inputs"), help="folder for what went wrong"
    )
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    wrong, codes, slowest = Counter[str](), Counter[str](), 0.0
    with tempfile.TemporaryDirectory(prefix="fastst-mutated-") as name:
        folder = Path(name)
        seeds = make_seeds(folder / "seeds")
        worker = Worker()
        for number in range(arguments.count):
            kind = draw.choices(arguments.kinds, [KINDS[kind] for kind in arguments.kinds])[0]
            room = folder / str(number)
            case = make_case(kind, seeds[kind], room, draw)
            code, said, seconds, peak = worker.run(case.arguments)
            slowest = max(slowest, seconds)
            codes[f"{kind} {code}"] += 1
            faults = faults_of(case, code, said, seconds, peak, room)
            for fault in faults:
                wrong[fault] += 1
                print(f"{number} {kind}: {fault}: {' '.join(case.arguments)}\n    {said[-300:]}", flush=True)
            if faults:
                shutil.copytree(room, arguments.kept / str(number), dirs_exist_ok=True)
            shutil.rmtree(room)
        worker.stop()
    for kind in arguments.kinds:
        ended = ", ".join(
            f"{codes[key]} with {key.split()[1]}" for key in sorted(codes) if key.split()[0] == kind
        )
        print(f"{kind}: {ended}")
    print(f"{arguments.count} inputs, slowest {slowest:.1f} s; wrong: {dict(wrong) or 'none'}")
    return 1 if wrong else 0


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
    if kind == "film":
        film = out / "a.mp4"
        return Case(kind, ["video", source, "-s", tiny, "-o", str(film), "--size", "64", *_SMALL], film)
    if kind == "checkpoint":
        return Case(kind, ["stylize", photo, "-s", source, "-o", str(picture), *_SMALL], picture)
    if kind == "mask":
        regions = ["--region", f"{source}:{tiny}", "--region", f"rest:{tiny}"]
        return Case(kind, ["stylize", photo, *regions, "-o", str(picture), *_SMALL], picture)
    if kind == "flow":
        return Case(kind, ["evaluate", tiny, "--flow", str(place)], None)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**_TRAINING, **_NETWORK}.items()]
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


def mutated(data: bytes, draw: random.Random) -> bytes:
    """Return the bytes with one to four places damaged."""
    damaged = bytearray(data)
    # Headers decide more than what follows them.
    reach = draw.choice((64, 512, len(damaged)))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(max(1, min(reach, len(damaged))))
        length = draw.choice((1, 2, 4, 8, 64))
        how = draw.choice(("flip", "random", "zeros", "ones", "cut", "insert", "repeat", "remove", "number"))
        if how == "flip" and damaged:
            damaged[at % len(damaged)] ^= 1 << draw.randrange(8)
        elif how == "random":
            damaged[at : at + length] = draw.randbytes(length)
        elif how in ("zeros", "ones"):
            damaged[at : at + length] = (b"\0" if how == "zeros" else b"\xff") * length
        elif how == "cut":
            del damaged[draw.randrange(1, len(damaged) + 1) :]
        elif how == "insert":
            damaged[at:at] = draw.randbytes(length)
        elif how == "repeat":
            damaged[at:at] = damaged[at : at + length] * draw.choice((2, 100))
        elif how == "remove":
            del damaged[at : at + length]
        else:
            number = draw.choice((0, 1, 2**31 - 1, 2**32 - 1, 16_000, 2**16))
            damaged[at : at + 4] = number.to_bytes(4, draw.choice(("little", "big")))
        if not damaged:
            break
    return bytes(damaged)


def misspelt(data: bytes, draw: random.Random) -> bytes:
    """Return a recipe with one or two of its values or names replaced by odd ones."""
    lines = data.decode().splitlines()
    for _ in range(draw.randint(1, 2)):
        at = draw.randrange(len(lines))
        name, colon, _ = lines[at].partition(":")
        odd = draw.choice(_ODD)
        lines[at] = f"{name}{colon} {odd}" if draw.random() < 0.8 else f"{odd}: 1"
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def make_seeds(folder: Path) -> dict[str, list[Path]]:
    """Make a sound file of every kind, small ones."""
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    photo = Image.fromarray(pixels).resize((64, 48))
    photo.save(folder / "photo.png")
    photo.save(folder / "painting.png")
    run = Worker()

    def must(arguments: list[str]) -> None:
        code, said, _, _ = run.run(arguments)
        assert code == 0, said

    options = [f"--{name.replace('_', '-')}={value}" for name, value in {**_TRAINING, **_NETWORK}.items()]
    training = ["train", str(folder / "painting.png"), "--init", "nothing", *options, "--save-every", "1"]
    must([*training, "-o", str(folder / "tiny.safetensors")])
    run.stop()
    state = unfinished_state(folder)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        yaml.safe_dump(
            {
                "painting": str(folder / "painting.png"),
                "title": "A title",
                "year": "1889",
                "data": "synthetic",
                **_TRAINING,
                "options": _NETWORK,
                "init": "nothing",
            }
        )
    )
    flow = folder / "flow.flo"
    flow.write_bytes(
        np.array([202021.25], "<f4").tobytes() + np.array([64, 48], "<i4").tobytes() + bytes(64 * 48 * 8)
    )
    mask = folder / "mask.png"
    Image.fromarray(np.repeat(np.arange(0, 256, 4, dtype=np.uint8)[None], 48, axis=0)).save(mask)
    pictures = make_pictures(folder, photo)
    return {
        "picture": pictures,
        "film": make_films(folder, pixels),
        "checkpoint": [folder / "tiny.safetensors"],
        "recipe": [recipe],
        "state": [state],
        "mask": [mask],
        "flow": [flow],
        "data": pictures,
    }


def unfinished_state(folder: Path) -> Path:
    """Return the state of a training that broke off after its first step."""
    import fastst
    from fastst.training.monitor import StepReport

    def break_off(report: StepReport) -> None:
        if report.step == 2:
            raise EOFError

    output = folder / "a.safetensors"
    settings: dict[str, Any] = {**_TRAINING, "options": _NETWORK, "init": "nothing", "save_every": 1}
    with contextlib.suppress(EOFError):
        fastst.train(folder / "painting.png", output, on_step=break_off, **settings)
    return output.with_suffix(".state.safetensors")


def make_pictures(folder: Path, photo: Image.Image) -> list[Path]:
    """Write the photo in every format that is read."""
    for suffix in ("jpg", "webp", "tif", "gif", "bmp", "ppm", "tga", "jp2", "avif"):
        photo.save(folder / f"photo.{suffix}")
    photo.save(folder / "exif.jpg", exif=_exif(), xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    photo.convert("RGBA").save(folder / "alpha.png")
    photo.quantize(16).save(folder / "palette.png", transparency=3)
    planes = np.moveaxis(np.asarray(photo).astype(np.uint16) * 257, -1, 0)
    tifffile.imwrite(folder / "planes.tif", planes, photometric="rgb", planarconfig="separate")
    names = ("photo.*", "exif.jpg", "alpha.png", "palette.png", "planes.tif")
    return sorted(file for name in names for file in folder.glob(name))


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    return exif


def make_films(folder: Path, pixels: np.ndarray) -> list[Path]:
    """Write a few frames with sound in every kind of film that is written, and as a GIF."""
    codecs = {
        "mp4": "libx264",
        "mkv": "libx264",
        "webm": "libvpx-vp9",
        "avi": "mpeg4",
        "ts": "libx264",
        "gif": "gif",
    }
    sounds = {"mp4": "aac", "mkv": "flac", "webm": "libopus", "avi": "mp3", "ts": "aac"}
    for suffix, codec in codecs.items():
        with av.open(str(folder / f"film.{suffix}"), "w") as film:
            video: Any = film.add_stream(codec, rate=25)
            video.width, video.height = 64, 48
            video.pix_fmt = "rgb8" if suffix == "gif" else "yuv420p"
            sound: Any = (
                film.add_stream(sounds[suffix], rate=48_000, layout="mono") if suffix in sounds else None
            )
            for number in range(6):
                frame = av.VideoFrame.from_ndarray(np.roll(pixels, number, axis=1), "rgb24")
                film.mux(video.encode(frame.reformat(format=video.pix_fmt)))
            film.mux(video.encode())
            if sound is not None:
                tone = av.AudioFrame.from_ndarray(np.zeros((1, 11_520), np.int16), "s16", "mono")
                tone.sample_rate, tone.pts = 48_000, 0
                film.mux(sound.encode(tone))
                film.mux(sound.encode())
    return sorted(folder.glob("film.*"))


if __name__ == "__main__":
    sys.exit(main())
