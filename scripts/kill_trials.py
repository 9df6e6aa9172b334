"""SIGKILL at random moments: resumed trainings end bit-identical, and no picture is left half-written.

Usage: python scripts/kill_trials.py [--trials 5] [--seed 0] [--style STYLE]
"""

import argparse
import contextlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import skimage
from PIL import Image

_DATA = Path(skimage.__file__).parent / "data"
_STEPS = 24


def main() -> int:
    """Run the trials; 1 if any of them fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--style", default="starry-night", help="to stylise with")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="fastst-kill-") as name:
        trained = kill_trainings(Path(name), draw, trials=arguments.trials)
        stylised = kill_stylising(Path(name), draw, trials=arguments.trials, style=arguments.style)
    return 0 if trained and stylised else 1


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


def kill_stylising(folder: Path, draw: random.Random, *, trials: int, style: str) -> bool:
    """Return whether every picture that a killed batch left can be read whole."""
    photos = folder / "photos"
    photos.mkdir()
    for copy in range(12):
        shutil.copy(_DATA / "coffee.png", photos / f"coffee-{copy}.png")
    good = True
    for trial in range(trials):
        output = folder / f"stylised-{trial}"
        after = draw.uniform(3, 12)
        kill([sys.executable, "-m", "fastst", "stylize", str(photos), "-s", style, "-o", str(output)], after)
        written = [file for file in output.glob("*") if not file.name.startswith(".")]
        whole = sum(is_whole(file) for file in written)
        good &= whole == len(written)
        print(f"stylize killed after {after:.1f} s: {len(written)} pictures written, {whole} of them whole")
    return good


def kill(command: list[str], after: float) -> None:
    """Run the command and SIGKILL it after so many seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, timeout=after, capture_output=True)


def is_whole(file: Path) -> bool:
    """Return whether the picture decodes to its last row."""
    try:
        with Image.open(file) as picture:
            picture.load()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
