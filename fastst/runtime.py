"""What surrounds a run: the version, Ctrl-C, reports, OpenCV, idle threads, memory."""

import ctypes
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from fastst.errors import UsageError

_av_came_first = False

# The client of the Hugging Face Hub, its data sets, Gradio, and Ray.
_SILENT = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "GRADIO_ANALYTICS_ENABLED": "False",
    # ONNX Runtime reports from Linux and macOS too by now, and keeps an id in the cache folder.
    "ORT_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_KERNELS = "128"
_TURNS = "10000"

__version__ = version("fastst")


def load_opencv(purpose: str, extra: str) -> ModuleType:
    """Import OpenCV, which only the webcam, ``--smooth`` and the measuring of videos need.

    Args:
        purpose: what needs it, to say so.
        extra: the extra of this package that brings it.

    Raises:
        UsageError: if it is not installed or does not load, saying how to get it.
    """
    global _av_came_first
    if "cv2" not in sys.modules:
        _av_came_first = "av" in sys.modules
    try:
        import cv2
    except ImportError as error:
        reason = f" ({error})" if "No module" not in str(error) else ""
        raise UsageError(
            f"{purpose} needs OpenCV{reason}; pip install 'fastst[{extra}]', or opencv-python-headless "
            f"on a machine without a display"
        ) from error
    return cv2


def can_open_windows() -> bool:
    """Whether OpenCV was loaded in time to open a window.

    The packages of PyAV and OpenCV both bring libxcb, and on Linux a window hangs for ever where PyAV's came
    first (PyAV issue 1050, OpenCV issue 29195).
    """
    return not (_av_came_first and sys.platform.startswith("linux"))


@contextmanager
def deferred_interrupt() -> Iterator[Callable[[], bool]]:
    """Let Ctrl-C wait for the end of a step, so that what is saved is whole: a training step, a video.

    A second Ctrl-C stops at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = threading.Event()
    previous = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: Any) -> None:
        asked.set()
        signal.signal(signal.SIGINT, previous)

    signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def endings_as_interrupts() -> Iterator[None]:
    """Let a request to end (SIGTERM) and a terminal that is closed (SIGHUP) do what Ctrl-C does.

    What is told to ignore them, as by nohup, goes on to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    kinds = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    previous = {kind: signal.getsignal(kind) for kind in kinds}
    changed = {kind: handler for kind, handler in previous.items() if handler == signal.SIG_DFL}
    for kind in changed:
        signal.signal(kind, interrupt)
    try:
        yield
    finally:
        for kind, handler in changed.items():
            signal.signal(kind, handler)


def send_no_reports() -> None:
    """Keep the libraries that fastst loads from telling anybody that they are used; before they are imported.

    OpenVINO's package would write an id into the home folder and look up an analytics host, unless the
    package that it reports through cannot be imported. The others read the environment, where a user's own
    setting stays.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)


def bound_kernel_caches() -> None:
    """Let torch keep the kernels of a few sizes of pictures, not of a thousand layers; before it is loaded.

    On a CPU every layer has kernels for every size that it has met, up to 1024 of them: with pictures of ever
    new sizes, memory grows for hundreds of pictures. With 120 of them the process grew from 428 to 517 MiB,
    and with this and freed memory given back it stayed at 338. A user's own setting stays.
    """
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        os.environ.setdefault(name, _KERNELS)


def let_idle_threads_sleep() -> None:
    """Bound the spinning of torch's idle threads, unless the environment says how they are to wait.

    GNU's OpenMP, which torch's builds for Linux use, lets idle threads spin for some milliseconds in case
    more work comes. Beside another runtime, a decoder or an encoder they take a core from those that have
    work: a frame of 640 x 480 took OpenVINO 33 ms after any work of torch's, and 28 ms without it (two
    cores). Ten thousand turns are a fifth of a millisecond, and cost torch itself nothing that could be
    measured.

    It is read once, when torch is loaded, so this has to run before; a user's own setting stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _TURNS)


def let_arrow_share_an_allocator() -> None:
    """Let Arrow take its memory from the system, not by the allocator that it brings; before it is loaded.

    That one, mimalloc, ends the process where Arrow was loaded by a thread that is gone and another one needs
    memory (Arrow issue 50471): two of five runs with pyarrow 25.0.0, and none with this. A user's own setting
    stays.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def give_back_freed_memory() -> None:
    """Give memory that was freed back to the system, which glibc does not by itself.

    Pictures of ever new sizes leave holes of ever new sizes.
    """
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


@cache
def _glibc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None


def installed_version(package: str) -> str | None:
    """Return an installed package's version, or None if there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
