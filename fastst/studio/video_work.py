"""A video that is stylized in a thread of its own, so that the page can show how far it is and stop it."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import Any

from fastst.video.conversion import VideoProgress, VideoResult, stylize_video
from fastst.video.reading import FilmReader


class VideoWork:
    """The stylizing of one video.

    Attributes:
        progress: of the last frame; None before the first.

    Args:
        style: as in ``stylize_video``.
        source: the video.
        output: the new video.
        settings: any field of ``VideoSettings``.
    """

    def __init__(self, style: str, source: Path, output: Path, **settings: Any) -> None:
        self.progress: VideoProgress | None = None
        self._is_to_stop = threading.Event()
        self._worker = ThreadPoolExecutor(1, "film")
        self._result: Future[VideoResult] = self._worker.submit(
            stylize_video,
            style,
            source,
            output,
            on_progress=self._note,
            should_stop=self._is_to_stop.is_set,
            **settings,
        )
        self._worker.shutdown(wait=False)

    def stop(self) -> None:
        """End the video with the frames so far."""
        self._is_to_stop.set()

    def beats(self, seconds: float) -> Iterator[None]:
        """Yield every so many seconds until the video is done; stop it where nobody asks any more."""
        try:
            while not self._result.done():
                try:
                    self._result.exception(seconds)
                except NotYet:
                    yield
        finally:
            self.stop()

    def result(self) -> VideoResult:
        """Wait for the end, and return it.

        Raises:
            FaststError: as ``stylize_video``.
        """
        return self._result.result()

    def _note(self, progress: VideoProgress) -> None:
        self.progress = progress


def film_seconds(film: Path) -> float:
    """Return how long a video is; 0 if that is unknown.

    Raises:
        FaststError: if it cannot be read.
    """
    reader = FilmReader(str(film))
    reader.close()
    facts = reader.facts
    if facts.seconds is not None:
        return float(facts.seconds)
    return float(facts.frames / facts.rate) if facts.frames else 0.0
