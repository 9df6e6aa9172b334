"""``-``: one picture from standard input, one to standard output."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fastst.cli.speech import say, say_aside
from fastst.errors import FaststError, UsageError, shown
from fastst.temporaries import temporary_folder

STANDARD = "-"


@dataclass(frozen=True)
class Streams:
    """The files that stand for what was named on the command line.

    Attributes:
        photos: the pictures to read, standard input's among them.
        output: where to write; None: beside the photos.
        standard_input: the file that holds what came there.
        is_piped: whether the picture goes to standard output, where nothing else may go then.
    """

    photos: Sequence[str]
    output: str | None
    standard_input: Path | None = None
    is_piped: bool = False

    def tell(self, source: Path, target: Path) -> None:
        """Say what was done; aside, where the picture itself is the output."""
        if self.is_piped:
            say_aside(f"{self.named(source)} -> standard output")
        else:
            say(f"{self.named(source)} -> {shown(target)}")

    def named(self, told: Path | FaststError) -> str:
        """Return a path or an error with what the user named."""
        return shown(str(told).replace(str(self.standard_input), "standard input"))


@contextmanager
def standard_streams(photos: Sequence[str], output: str | None, *, styles: int = 1) -> Iterator[Streams]:
    """Put files in the place of ``-``; what was written for standard output goes there at the end.

    Args:
        photos: what to read; ``-`` is standard input, which goes to standard output if there is no output.
        output: what to write; ``-`` is standard output, which gets a PNG.
        styles: how many pictures are made of each photo.

    Raises:
        UsageError: if ``-`` is given beside others, or a picture would go to a terminal.
        FaststError: if standard input cannot be read or standard output cannot be written.
    """
    comes, goes = STANDARD in photos, output == STANDARD or (STANDARD in photos and output is None)
    if not comes and not goes:
        yield Streams(photos, output)
        return
    if len(photos) > 1 or (goes and styles > 1):
        raise UsageError("-: one picture goes through standard input and output; give one photo, one style")
    if goes and (sys.stdout is None or sys.stdout.isatty()):
        raise UsageError("-: a terminal shows no picture; send it on with | or >, or name a file with -o")
    with temporary_folder(Path(tempfile.gettempdir())) as folder:
        photo = folder / "photo"
        if comes:
            photo.write_bytes(_standard_input().read())
        target = folder / "stylized.png"
        yield Streams(
            [str(photo)] if comes else photos,
            str(target) if goes else output,
            standard_input=photo if comes else None,
            is_piped=goes,
        )
        if goes and target.exists():
            _write(target.read_bytes())


def _write(picture: bytes) -> None:
    try:
        sys.stdout.buffer.write(picture)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FaststError(f"standard output takes no more ({error.strerror or error})") from error


def _standard_input() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("-: standard input is empty; send a picture with | or <, or name a file")
    return sys.stdin.buffer
