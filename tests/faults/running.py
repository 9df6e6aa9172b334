"""Command lines over files that are bad or odd, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FINE, FAILED, MISUSED = 0, 1, 2
_SECONDS = 120
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Case:
    """One run of the command line.

    Attributes:
        what: the input, in words.
        arguments: of ``fastst``, run where the files are.
        expected: the exit codes that are right.
    """

    what: str
    arguments: list[str]
    expected: tuple[int, ...]

    @property
    def needs_full_disk(self) -> bool:
        return any(argument.startswith("full/") for argument in self.arguments)


def check(case: Case, folder: Path) -> int:
    """Run a case: its exit code must be one of those expected, and a failure be told in one line."""
    # Several cases write under one name.
    replacing = ["--overwrite"] if {"-o", "--record"} & set(case.arguments) else []
    done = subprocess.run(
        [sys.executable, "-m", "fastst", *case.arguments, *replacing],
        cwd=folder,
        env={**os.environ, "COLUMNS": "400", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(_ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
    )
    said = done.stdout + done.stderr
    assert done.returncode in case.expected, said
    assert "Traceback" not in said and "unexpected" not in said, said
    if done.returncode != FINE:
        assert done.stderr.strip(), "a failure says why"
    return done.returncode


@contextmanager
def full_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of 64 KiB with no room left at ``folder``; yield whether that is permitted."""
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        if mounted:
            _fill(folder / "filler")
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
