"""fastst: one painting becomes a small network that stylizes photos in a single forward pass.

What is named here is the Python API. torch takes seconds to import, so each function is fetched from its
module when it is first asked for: ``fastst --help`` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastst.errors import FaststError, UsageError
from fastst.runtime import (
    __version__,
    bound_kernel_caches,
    let_arrow_share_an_allocator,
    let_idle_threads_sleep,
    send_no_reports,
)

if TYPE_CHECKING:
    from fastst.engines.onnx_export import export
    from fastst.evaluation.flicker import evaluate_flicker
    from fastst.evaluation.pictures import evaluate
    from fastst.evaluation.speed import bench
    from fastst.hub import pull, push
    from fastst.live import run_webcam
    from fastst.optimization.reference import optimize, optimize_file
    from fastst.studio import run_studio
    from fastst.stylize.load import load, load_either, load_regions
    from fastst.stylize.sheet import style_sheet
    from fastst.training.trainer import train
    from fastst.video.conversion import stylize_video
    from fastst.web.export import export_web

# Before torch and Arrow, which the functions' modules load.
let_idle_threads_sleep()
bound_kernel_caches()
let_arrow_share_an_allocator()
send_no_reports()

_MODULES = {
    "bench": "fastst.evaluation.speed",
    "evaluate": "fastst.evaluation.pictures",
    "evaluate_flicker": "fastst.evaluation.flicker",
    "export": "fastst.engines.onnx_export",
    "export_web": "fastst.web.export",
    "load": "fastst.stylize.load",
    "load_either": "fastst.stylize.load",
    "load_regions": "fastst.stylize.load",
    "optimize": "fastst.optimization.reference",
    "optimize_file": "fastst.optimization.reference",
    "pull": "fastst.hub",
    "push": "fastst.hub",
    "run_studio": "fastst.studio",
    "run_webcam": "fastst.live",
    "style_sheet": "fastst.stylize.sheet",
    "stylize_video": "fastst.video.conversion",
    "train": "fastst.training.trainer",
}

__all__ = [
    "FaststError",
    "UsageError",
    "__version__",
    "bench",
    "evaluate",
    "evaluate_flicker",
    "export",
    "export_web",
    "load",
    "load_either",
    "load_regions",
    "optimize",
    "optimize_file",
    "pull",
    "push",
    "run_studio",
    "run_webcam",
    "style_sheet",
    "stylize_video",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
