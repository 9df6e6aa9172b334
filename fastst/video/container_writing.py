"""What writers of films and of GIFs share: a file of FFmpeg's, and that whatever fails lets go of it."""

from abc import ABC, abstractmethod
from pathlib import Path

import av
from av import Packet
from av.error import FFmpegError
from av.video.stream import VideoStream

from fastst.errors import FaststError
from fastst.video.frame import Frame
from fastst.video.opening import reason_of


class ContainerWriter(ABC):
    """A file being written to ``path``; ``close`` finishes it, and any failure closes it unfinished.

    To remove what is unfinished is up to whoever chose ``path``: some systems remove no file that is open.

    Args:
        path: where to write, a temporary name.
        output: the name to speak of.
        file_format: FFmpeg's name of the format; None goes by the suffix of ``path``.
    """

    _video: VideoStream

    def __init__(self, path: Path, output: Path, *, file_format: str | None = None) -> None:
        self._output = output
        # This touches no disk yet.
        self._container = av.open(f"file:{path}", "w", format=file_format)

    @abstractmethod
    def _put(self, item: Frame | Packet) -> None:
        """Write a frame, or deal with a packet; raises what FFmpeg does."""

    def write(self, item: Frame | Packet) -> None:
        """Write a frame; a packet is copied, or left out where the format holds pictures only.

        Raises:
            FaststError: if the disk is full or the encoder gives up.
        """
        try:
            self._put(item)
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Write what the encoder still holds, and the end of the file.

        Raises:
            FaststError: if the disk is full.
        """
        try:
            self._container.mux(self._video.encode())
            self._container.close()
        except (FFmpegError, ValueError) as error:
            raise self._failure(error) from error

    def discard(self) -> None:
        """Let go of the file without finishing it."""
        try:
            self._container.close()
        except (FFmpegError, ValueError):
            return  # there is no use for it in any case

    def _failure(self, error: Exception) -> FaststError:
        self.discard()
        return FaststError(
            f"{self._output}: cannot be written ({reason_of(error)}); choose another place with -o"
        )
