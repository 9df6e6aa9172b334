"""Styles at hand: loaded in the background, so that switching between them never makes the picture wait."""

import logging
import threading
from collections.abc import Callable, Sequence

import numpy as np

from fastst.errors import FaststError
from fastst.networks.styles import style_label
from fastst.stylize.stylizer import Stylizer

# Before the first frame has come: enough to wake up the runtime.
_FIRST_SIZE = (64, 64)
_log = logging.getLogger(__name__)


class StyleShelf:
    """Loads the first style at once and the others in a thread; a switch takes place when its style is ready.

    The first frame of a size takes a network far longer than those after it, so the thread also runs each
    style once at the size of the frames before it is shown.

    Args:
        names: installed styles and checkpoints, at least one.
        load: returns a style ready to stylize.

    Raises:
        FaststError: if the first style cannot be loaded.
    """

    def __init__(self, names: Sequence[str], load: Callable[[str], Stylizer]) -> None:
        self.names = list(names)
        self.failures: dict[str, str] = {}
        self._load = load
        self._loaded = {self.names[0]: load(self.names[0])}
        self._size = _FIRST_SIZE
        self._ready_at: dict[str, tuple[int, int]] = {}
        self._make_ready(self.names[0])
        self._shown = self._wanted = 0
        self._stopping = False
        self._asked, self._all_loaded = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="styles", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The style shown now, for people: a checkpoint's name without its folder, a mix with its shares."""
        return style_label(self._name)

    @property
    def _name(self) -> str:
        return self.names[self._shown]

    def current(self, height: int, width: int) -> Stylizer:
        """The style to paint frames of that size with: the one asked for last, once it is ready for them."""
        # The style shown belongs to the caller's thread, which makes it ready by using it.
        self._ready_at[self._name] = height, width
        self._size = height, width
        wanted = self.names[self._wanted]
        if wanted in self.failures:
            self._wanted = self._shown
        elif wanted in self._loaded and self._is_ready(wanted):
            self._shown = self._wanted
        else:
            self._asked.set()
        return self._loaded[self._name]

    def step(self, by: int) -> None:
        """Ask for the next style, or for the one before with -1; those that did not load are skipped."""
        for distance in range(1, len(self.names) + 1):
            index = (self._wanted + by * distance) % len(self.names)
            if self.names[index] not in self.failures:
                self._wanted = index
                return

    def wait(self) -> None:
        """Wait until every style is loaded or has failed."""
        self._all_loaded.wait()

    def close(self) -> None:
        """Load no more."""
        self._stopping = True
        self._asked.set()
        self._thread.join()

    def _work(self) -> None:
        unloaded = self.names[1:]
        while not self._stopping:
            wanted = self.names[self._wanted]
            if wanted in self._loaded and not self._is_ready(wanted) and wanted not in self.failures:
                self._or_fail(self._make_ready, wanted)
            elif unloaded:
                name = wanted if wanted in unloaded else unloaded[0]
                unloaded.remove(name)
                self._or_fail(self._fetch, name)
            else:
                self._all_loaded.set()
                self._asked.wait()
                self._asked.clear()

    def _or_fail(self, work: Callable[[str], None], name: str) -> None:
        try:
            work(name)
        except FaststError as error:
            self.failures[name] = str(error)
            _log.warning("%s", error)

    def _fetch(self, name: str) -> None:
        stylizer = self._load(name)
        self._loaded[name] = stylizer
        self._make_ready(name)

    def _make_ready(self, name: str) -> None:
        size = self._size
        self._loaded[name].frame(np.zeros((*size, 3), np.uint8))
        self._ready_at[name] = size

    def _is_ready(self, name: str) -> bool:
        return self._ready_at.get(name) == self._size
