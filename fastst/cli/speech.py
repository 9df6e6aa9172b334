"""What the commands say, on standard output and on the error stream, whatever these can take."""

import logging
import os
import sys
from contextlib import suppress

from fastst.errors import shown

_failures: list[str] = []


def say(text: str) -> None:
    """Print text, one line or several, on standard output; names in it are to be ``shown`` beforehand.

    A stream that takes no more, such as a file on a full disk, ends nothing: the work goes on, and
    ``what_could_not_be_said`` remembers.

    Raises:
        BrokenPipeError: where the reader has gone.
    """
    try:
        print("\n".join(_encodable(shown(line)) for line in text.split("\n")), flush=True)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        _failures.append(getattr(error, "strerror", None) or str(error))
        # What is left in the buffer would fail once more as the program ends.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123


def say_aside(text: str) -> None:
    """Print one line on the error stream; where there is none to print on, there is nobody to tell."""
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        print(shown(text), file=sys.stderr, flush=True)


def what_could_not_be_said() -> str | None:
    """Return why something was not printed, and forget it; None if all was."""
    reason = _failures[0] if _failures else None
    _failures.clear()
    return reason


class OneCleanLine(logging.Formatter):
    """Formats a record of the log as one line that is fit for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message alone."""
        return shown(record.getMessage())


def _encodable(line: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)
