"""Run the command line over bad and odd inputs and print what it says, as a Markdown table.

Exits with 1 if any run ends in a traceback or with another exit code than expected.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bad_input_files import make_inputs

FINE, FAILED, MISUSED = 0, 1, 2
SECONDS = 120


@dataclass(frozen=True)
class Case:
    """One run of the command line.

    Attributes:
        what: the input, in words.
        arguments: of ``fastst``.
        expected: the exit codes that are right.
    """

    what: str
    arguments: list[str]
    expected: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What a run printed last, how it ended, and whether it showed a traceback."""

    said: str
    code: int | None
    traceback: bool

    def fits(self, case: Case) -> bool:
        """Whether it ended as it should."""
        return not self.traceback and self.code in case.expected


def main() -> int:
    """Run every case; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--style", default="starry-night", help="style or checkpoint to stylize with")
    style = parser.parse_args().style
    # So that a script that is ended still unmounts the full disk.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    style = str(Path(style).resolve()) if Path(style).is_file() else style
    with tempfile.TemporaryDirectory(prefix="fastst-bad-inputs-") as name:
        folder = Path(name)
        make_inputs(folder)
        with full_disk(folder / "full") as full:
            cases = [
                *odd_pictures(style),
                *bad_pictures(style),
                *bad_outputs(style, full),
                *bad_options(style),
                *bad_checkpoints(),
                *bad_training(),
                *bad_measuring(style),
            ]
            wrong = report(cases, folder)
    if full is None:
        print("\nNot run: a full disk, as this user may not mount a small one.")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print(
            "\nRun as root, who may read anything: a loop of links stands in for a file without permission."
        )
    print(f"\n{len(cases)} inputs, {wrong} not as expected.")
    return 1 if wrong else 0


def report(cases: list[Case], folder: Path) -> int:
    """Run the cases in ``folder``, print the table, and return how many went wrong."""
    print("| input | what was printed last | exit code | traceback |")
    print("|---|---|---|---|")
    wrong = 0
    for case in cases:
        outcome = run(case, folder)
        said = outcome.said.replace(str(folder) + os.sep, "").replace("|", "\\|")
        code = "over time" if outcome.code is None else str(outcome.code)
        if not outcome.fits(case):
            wrong += 1
            code += f" (expected {' or '.join(map(str, case.expected))})"
        print(f"| {case.what} | {said} | {code} | {'YES' if outcome.traceback else 'no'} |", flush=True)
    return wrong


def run(case: Case, folder: Path) -> Outcome:
    """Run one case in ``folder``, as a terminal wide enough not to fold its lines."""
    # Several cases write under one name.
    replacing = ["--overwrite"] if {"-o", "--record"} & set(case.arguments) else []
    command = [sys.executable, "-m", "fastst", *case.arguments, *replacing]
    package = Path(__file__).resolve().parent.parent
    path = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": path}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Outcome(said="", code=None, traceback=False)
    printed = done.stderr if done.stderr.strip() else done.stdout
    lines = [line.strip(" │╭╮╰╯─") for line in printed.splitlines()]
    said = next((line for line in reversed(lines) if line), "")
    return Outcome(said=said, code=done.returncode, traceback="Traceback" in done.stdout + done.stderr)


def stylize(what: str, photo: str, style: str, *options: str, expected: int, output: str = "out.png") -> Case:
    """A case of ``fastst stylize``."""
    return Case(what, ["stylize", photo, "-s", style, "-o", output, *options], (expected,))


def odd_pictures(style: str) -> Iterator[Case]:
    """Pictures that are unusual and must work."""
    for what, photo in (
        ("1 x 1 picture", "1x1.png"),
        ("300 x 2 picture", "300x2.png"),
        ("CMYK JPEG", "cmyk.jpg"),
        ("16-bit grey PNG", "16bit.png"),
        ("palette PNG with transparency", "palette.png"),
        ("animated GIF", "animated.gif"),
        ("JPEG with broken EXIF", "exif.jpg"),
        ("PNG with a broken color profile", "profile.png"),
        ("PNG named .jpg", "png.jpg"),
        ("name with spaces and accents", "phóto of mine.png"),
    ):
        yield stylize(what, photo, style, expected=FINE)
    yield stylize("transparent PNG to JPEG", "palette.png", style, expected=FINE, output="out.jpg")


def bad_pictures(style: str) -> Iterator[Case]:
    """Files that are no pictures, or broken ones."""
    for what, photo in (
        ("missing file", "gone.jpg"),
        ("zero bytes", "empty.png"),
        ("text file named .png", "text.png"),
        ("SVG", "drawing.svg"),
        ("truncated JPEG", "cut.jpg"),
        ("truncated PNG", "cut.png"),
        ("PNG cut in its header", "header.png"),
        ("PNG that claims 60,000 x 60,000", "huge.png"),
        ("file that may not be read", "unreadable.png"),
    ):
        yield stylize(what, photo, style, expected=FAILED)
    yield stylize("folder without pictures", "nothing", style, expected=MISUSED, output="out")
    yield stylize(
        "folder with one bad picture among good", "mixed", style, expected=FAILED, output="mixed-out"
    )


def bad_outputs(style: str, full: Path | None) -> Iterator[Case]:
    """Places that cannot be written to, and one that can."""
    yield stylize("folder as output", "photo.png", style, expected=FINE, output="results")
    yield stylize("unknown output suffix", "photo.png", style, expected=MISUSED, output="out.xyz")
    yield stylize("output over the input", "photo.png", style, expected=MISUSED, output="photo.png")
    yield stylize("output under a file", "photo.png", style, expected=FAILED, output="text.png/out.png")
    yield stylize(
        "output on a device without files", "photo.png", style, expected=FAILED, output="/dev/full/x.png"
    )
    if full is not None:
        yield stylize("full disk", "photo.png", style, expected=FAILED, output=str(full / "out.png"))


def bad_options(style: str) -> Iterator[Case]:
    """Options that make no sense."""
    yield stylize("strength 2", "photo.png", style, "--strength", "2", expected=MISUSED)
    yield stylize("strength -1", "photo.png", style, "--strength", "-1", expected=MISUSED)
    yield stylize("size 0", "photo.png", style, "--size", "0", expected=MISUSED)
    yield stylize("size -5", "photo.png", style, "--size", "-5", expected=MISUSED)
    yield stylize("size 1000000", "photo.png", style, "--size", "1000000", expected=FAILED)
    yield stylize("size that is no number", "photo.png", style, "--size", "big", expected=MISUSED)
    yield Case("no photo", ["stylize", "-s", style, "-o", "out.png"], (MISUSED,))
    yield Case("unknown command", ["paint", "photo.png"], (MISUSED,))


def bad_checkpoints() -> Iterator[Case]:
    """Styles that are no checkpoints."""
    yield Case(
        "unknown style", ["stylize", "photo.png", "-s", "stary-nigth", "-o", "out.png"], (FAILED, MISUSED)
    )
    for what, checkpoint in (
        ("missing checkpoint", "gone.safetensors"),
        ("JPEG as checkpoint", "cmyk.jpg"),
        ("JPEG named .safetensors", "jpeg.safetensors"),
        ("empty checkpoint", "empty.safetensors"),
        ("truncated checkpoint", "cut.safetensors"),
        ("checkpoint of something else", "other.safetensors"),
        ("HTML as checkpoint", "page.safetensors"),
        ("pickle as checkpoint", "weights.pth"),
        ("folder as checkpoint", "nothing"),
    ):
        yield Case(what, ["stylize", "photo.png", "-s", checkpoint, "-o", "out.png"], (FAILED, MISUSED))


def bad_training() -> Iterator[Case]:
    """Trainings and optimizations that cannot start."""
    for what, painting, options in (
        ("train: missing painting", "gone.jpg", ["--data", "mixed"]),
        ("train: painting is text", "text.png", ["--data", "mixed"]),
        ("train: empty data folder", "photo.png", ["--data", "nothing"]),
        ("train: missing data folder", "photo.png", ["--data", "gone"]),
        ("train: config with an unknown key", "photo.png", ["--config", "unknown-key.yaml"]),
        ("train: config that is not YAML", "photo.png", ["--config", "not-yaml.yaml"]),
        ("train: config that is a list", "photo.png", ["--config", "list.yaml"]),
        ("train: missing config", "photo.png", ["--config", "gone.yaml"]),
        ("train: 0 steps", "photo.png", ["--steps", "0", "--data", "mixed"]),
        ("train: negative style strength", "photo.png", ["--style-strength", "-1", "--data", "mixed"]),
        (
            "train: bad loss network weights",
            "photo.png",
            ["--data", "mixed", "--steps", "1", "--loss-network-weights", "jpeg.safetensors"],
        ),
    ):
        yield Case(what, ["train", painting, "-o", "new.safetensors", *options], (FAILED, MISUSED))
    optimize = ["optimize", "photo.png", "painting.png", "--size", "64", "--steps", "1", "-o", "out.png"]
    yield Case(
        "optimize: bad weights", [*optimize, "--loss-network-weights", "weights.pth"], (FAILED, MISUSED)
    )
    missing = ["optimize", "photo.png", "gone.png", "--size", "64", "--steps", "1", "-o", "out.png"]
    yield Case("optimize: missing painting", missing, (FAILED, MISUSED))


def bad_measuring(style: str) -> Iterator[Case]:
    """Evaluations that cannot start."""
    evaluate = ["evaluate", style, "--style", "painting.png"]
    yield Case("evaluate: no photos given", evaluate, (FAILED, MISUSED))
    yield Case("evaluate: folder without photos", [*evaluate, "--photos", "nothing"], (FAILED, MISUSED))
    missing = ["evaluate", "gone.safetensors", "--style", "painting.png", "--photos", "mixed"]
    yield Case("evaluate: missing checkpoint", missing, (FAILED, MISUSED))


@contextmanager
def full_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a disk of 64 KiB with no room left at ``folder``; yield None where that is not permitted."""
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        yield None
        return
    try:
        fill(folder / "filler")
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


if __name__ == "__main__":
    sys.exit(main())
