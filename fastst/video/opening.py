"""Opens films and network streams, and says in one line why one cannot be opened."""

from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError

from fastst.errors import FaststError
from fastst.readable_file import readable_file

_OPEN_SECONDS, _READ_SECONDS = 10.0, 10.0


def is_url(source: str) -> bool:
    """Whether the source is an address such as rtsp://camera/1 rather than a file."""
    scheme, separator, _ = source.partition("://")
    return bool(separator) and scheme.isalnum() and len(scheme) > 1


def open_input(source: str) -> InputContainer:
    """Open a film file or a network stream for reading.

    Raises:
        FaststError: if it is missing, empty, no film, may not be read, or does not answer.
    """
    if is_url(source):
        return _open_url(source)
    path = Path(source)
    with readable_file(path, if_folder="is a folder; name a film, or a folder of pictures"):
        pass  # FFmpeg opens it by itself
    try:
        # A name such as "-" or "a:b" must not be taken for a protocol.
        return av.open(f"file:{path}", "r", metadata_errors="replace")
    except (FFmpegError, UnicodeError) as error:
        raise FaststError(
            f"{path}: is no film, or it is cut short or damaged ({reason_of(error)})"
        ) from error


def _open_url(url: str) -> InputContainer:
    try:
        return av.open(url, "r", metadata_errors="replace", timeout=(_OPEN_SECONDS, _READ_SECONDS))
    except (FFmpegError, UnicodeError, ValueError) as error:
        raise FaststError(f"{url}: cannot be opened ({reason_of(error)}); check the address") from error


def reason_of(error: Exception) -> str:
    """FFmpeg's reason in a few words."""
    reason = getattr(error, "strerror", None) or str(error)
    return "no answer" if reason == "Immediate exit requested" else " ".join(str(reason).lower().split())
