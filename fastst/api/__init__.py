"""The Python API: what ``import fastst`` offers, and what the command line calls.

torch takes seconds to import, so each function imports what it needs: ``fastst --help`` stays quick.
"""

from fastst.api.films import run_webcam, stylize_video
from fastst.api.measuring import bench, evaluate, evaluate_steadiness
from fastst.api.styles import export, load, load_either, load_regions
from fastst.api.training import optimize, optimize_file, train

__all__ = [
    "bench",
    "evaluate",
    "evaluate_steadiness",
    "export",
    "load",
    "load_either",
    "load_regions",
    "optimize",
    "optimize_file",
    "run_webcam",
    "stylize_video",
    "train",
]
