"""Styles at hand: loaded in the background, so that switching between them never makes the picture wait."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fastst.errors import FaststError
from fastst.stylizer import Stylizer

_WARMING_SIDE = 64
_log = logging.getLogger(__name__)


class StyleShelf:
    """Loads the first style at once and the others in a thread; a switch takes place when its style is there.

    Args:
        names: installed styles and checkpoints, at least one.
        load: returns a style ready to repaint.

    Raises:
        FaststError: if the first style cannot be loaded.
    """

    def __init__(self, names: Sequence[str], load: Callable[[str], Stylizer]) -> None:
        self.names = list(names)
        self.failures: dict[str, str] = {}
        self._load = load
        self._loaded = {self.names[0]: _warmed(load(self.names[0]))}
        self._shown = self._wanted = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._load_others, name="styles", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The style shown now, for people: a checkpoint's name without its folder."""
        return Path(self._name).stem

    @property
    def _name(self) -> str:
        return self.names[self._shown]

    def current(self) -> Stylizer:
        """The style to paint with: the one asked for last, once it is loaded."""
        wanted = self.names[self._wanted]
        if wanted in self._loaded:
            self._shown = self._wanted
        elif wanted in self.failures:
            self._wanted = self._shown
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
        self._thread.join()

    def close(self) -> None:
        """Load no more."""
        self._stopping = True
        self._thread.join()

    def _load_others(self) -> None:
        for name in self.names[1:]:
            if self._stopping:
                return
            try:
                self._loaded[name] = _warmed(self._load(name))
            except FaststError as error:
                self.failures[name] = str(error)
                _log.warning("%s", error)


def _warmed(stylizer: Stylizer) -> Stylizer:
    """Run it once, as the first run of a network is the slowest."""
    stylizer(np.zeros((_WARMING_SIDE, _WARMING_SIDE, 3), np.uint8))
    return stylizer
