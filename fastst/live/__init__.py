"""Live pictures from a camera, a file or a network stream, repainted as they come."""

from fastst.live.settings import LiveSettings
from fastst.live.statistics import LiveReport

__all__ = ["LiveReport", "LiveSettings"]
