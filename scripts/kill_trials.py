"""SIGKILL at random moments: resumed trainings end bit-identical, and nothing is left half-written.

That is looked for in pictures, videos, exported networks and the cache of engines' times.

Usage: python scripts/kill_trials.py [--trials 5] [--seed 0] [--style STYLE]
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import onnx
import skimage
from av.error import FFmpegError
from PIL import Image

_DATA = Path(skimage.__file__).parent / "data"
_STEPS = 24


def main() -> int:
    """Run the trials; 1 if any of them fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--style", default="starry-night", help="to stylize with")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="fastst-kill-") as name:
        trained = kill_trainings(Path(name), draw, trials=arguments.trials)
        stylized = kill_stylizing(Path(name), draw, trials=arguments.trials, style=arguments.style)
        written = kill_writing(Path(name), draw, trials=arguments.trials, style=arguments.style)
    return 0 if trained and stylized and written else 1


def kill_trainings(folder: Path, draw: random.Random, *, trials: int) -> bool:
    """Return whether every killed and resumed training gave the bytes of an undisturbed one."""
    began = time.monotonic()
    reference = folder / "reference.safetensors"
    subprocess.run(training(reference), check=True, capture_output=True)
    seconds = time.monotonic() - began
    print(f"undisturbed: {_STEPS} steps, {seconds:.1f} s")
    good = True
    for trial in range(trials):
        output = folder / f"killed-{trial}.safetensors"
        after = draw.uniform(0.2, 0.95) * seconds
        kill(training(output), after)
        left_half = output.exists()
        started = output.with_suffix(".state.safetensors").exists()
        resumed = training(output) + (["--resume"] if started else [])
        subprocess.run(resumed, check=True, capture_output=True)
        same = output.read_bytes() == reference.read_bytes()
        good &= same and not left_half
        print(f"training killed after {after:.1f} s, resumed: {'bit-identical' if same else 'DIFFERS'}")
    return good


def training(output: Path) -> list[str]:
    """Return the command of one small training with the real loss network."""
    small = f"--steps {_STEPS} --size 64 --batch 2 --width 8 --precision fp32 --save-every 2"
    painting = str(_DATA / "ihc.png")
    return [sys.executable, "-m", "fastst", "train", painting, "-o", str(output), *small.split()]


def kill_stylizing(folder: Path, draw: random.Random, *, trials: int, style: str) -> bool:
    """Return whether every picture that a killed batch left can be read whole."""
    photos = folder / "photos"
    photos.mkdir()
    for copy in range(12):
        shutil.copy(_DATA / "coffee.png", photos / f"coffee-{copy}.png")
    good = True
    for trial in range(trials):
        output = folder / f"stylized-{trial}"
        after = draw.uniform(3, 12)
        kill([sys.executable, "-m", "fastst", "stylize", str(photos), "-s", style, "-o", str(output)], after)
        written = [file for file in output.glob("*") if not file.name.startswith(".")]
        whole = sum(is_whole(file) for file in written)
        good &= whole == len(written)
        print(f"stylize killed after {after:.1f} s: {len(written)} pictures written, {whole} of them whole")
    return good


def kill_writing(folder: Path, draw: random.Random, *, trials: int, style: str) -> bool:
    """Return whether killed videos, exports and timings of engines left nothing or what is whole."""
    frames = folder / "frames"
    frames.mkdir()
    for number in range(400):
        shutil.copy(_DATA / "coffee.png", frames / f"{number}.png")
    cache = folder / "cache"
    commands = {
        "video.mp4": ["video", str(frames), "-s", style, "-o", "{}", "--engine", "torch", "--size", "256"],
        "style.onnx": ["export", style, "-o", "{}"],
        # Which engine is fastest is timed before the first frame, and kept.
        "engines": ["video", str(frames), "-s", style, "-o", "{}.mp4", "--size", "256"],
    }
    good = True
    for name, arguments in commands.items():
        whole = absent = 0
        for trial in range(trials):
            output = folder / f"{trial}-{name}"
            shutil.rmtree(cache, ignore_errors=True)
            command = [sys.executable, "-m", "fastst", *(part.format(output) for part in arguments)]
            kill(command, draw.uniform(2, 9), cache=cache)
            outputs = list(cache.rglob("*.json")) if name == "engines" else [output]
            there = [file for file in outputs if file.exists()]
            absent += not there
            whole += bool(there) and all(is_whole(file) for file in there)
        good &= whole + absent == trials
        print(f"{name}: killed {trials} times, {absent} times nothing was there, {whole} times it was whole")
    return good


def kill(command: list[str], after: float, *, cache: Path | None = None) -> None:
    """Run the command and SIGKILL it after so many seconds."""
    environment = os.environ | ({} if cache is None else {"XDG_CACHE_HOME": str(cache)})
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, timeout=after, capture_output=True, env=environment)


def is_whole(file: Path) -> bool:
    """Return whether a picture, video, network or note of times can be read to its end."""
    try:
        if file.suffix == ".mp4":
            with av.open(str(file)) as film:
                return sum(1 for _ in film.decode(video=0)) > 0
        if file.suffix == ".onnx":
            onnx.checker.check_model(str(file))
            return True
        if file.suffix == ".json":
            return bool(json.loads(file.read_text()))
        with Image.open(file) as picture:
            picture.load()
    except (OSError, ValueError, FFmpegError, onnx.checker.ValidationError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
