"""fastst: one painting becomes a small network that repaints photos in a single forward pass."""

from fastst.api import evaluate, load, optimize, run_webcam, stylize_video, train
from fastst.errors import FaststError, UsageError
from fastst.version import __version__

__all__ = [
    "FaststError",
    "UsageError",
    "__version__",
    "evaluate",
    "load",
    "optimize",
    "run_webcam",
    "stylize_video",
    "train",
]
