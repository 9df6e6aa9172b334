"""fastst: one painting becomes a small network that repaints photos in a single forward pass."""

from fastst.api import (
    evaluate,
    export,
    load,
    load_regions,
    optimize,
    run_webcam,
    stylize_video,
    train,
)
from fastst.errors import FaststError, UsageError
from fastst.idle_threads import let_idle_threads_sleep
from fastst.version import __version__

# Before torch, which the functions above load when they are called.
let_idle_threads_sleep()

__all__ = [
    "FaststError",
    "UsageError",
    "__version__",
    "evaluate",
    "export",
    "load",
    "load_regions",
    "optimize",
    "run_webcam",
    "stylize_video",
    "train",
]
