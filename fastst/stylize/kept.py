"""A style used before, ready at once: its graph is kept, and runs without torch.

Importing torch takes a second, loading a network and its first run another; for one photo that is nearly all
of the time. So the graph of a style that has stylized a photo here is kept in the user's cache, and the next
photo takes it by ONNX Runtime, where that is installed. The pictures differ by roundings.
"""

import hashlib
import logging
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fastst.errors import FaststError
from fastst.files import StrPath, atomic_path, cache_folder, facts_digest
from fastst.images.pictures import LEAST_SIDE, Picture, fit, fitted_size, picture_header
from fastst.networks.styles import checkpoint_path
from fastst.runtime import installed_version
from fastst.stylize.options import DEFAULT_OPTIONS, StylizeOptions

if TYPE_CHECKING:
    from fastst.stylize.regions import RegionStylizer
    from fastst.stylize.stylizer import Stylizer

# Beyond this the network's own time is what counts, and the memory has to be looked after.
_MOST_PIXELS = 1_000_000
_MOST_READ = 32_000_000
_MOST_GRAPHS = 16
_PACKAGES = ("fastst", "torch", "onnxruntime")
# Of ONNX Runtime's kinds of messages.
_ERRORS = 3

_log = logging.getLogger(__name__)


class KeptStylizer:
    """The kept graph of a style, which stylizes small pictures.

    Args:
        graph: an ONNX file from (1, H, W, 3), RGB, uint8 to the same, optimized for this machine.

    Raises:
        FaststError: if ONNX Runtime does not take it.
    """

    mask_files: Sequence[Path] = ()

    def __init__(self, graph: Path) -> None:
        try:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # a damaged file raises what the runtime likes
            raise FaststError(f"{graph}: cannot be run: {' '.join(str(error).split())}") from error

    def stylize_picture(
        self,
        picture: Picture,
        *,
        options: StylizeOptions = DEFAULT_OPTIONS,
        on_progress: Callable[[float], None] = lambda share: None,
    ) -> Picture:
        """Stylize a picture, keeping its transparency and metadata; of the options, only the size counts."""
        photo = np.asarray(fit(picture.rgb, options.size))
        (stylized,) = self._session.run(None, {self._session.get_inputs()[0].name: photo[None]})
        alpha = None if picture.alpha is None else fit(picture.alpha, options.size)
        return Picture(rgb=Image.fromarray(stylized[0]), alpha=alpha, info=picture.info)


def graph_file(style: str, photos: Sequence[StrPath], *, options: StylizeOptions) -> Path | None:
    """Return where the graph for what is to be done is kept, or would be; None if it is not done by one.

    It is for one small photo in one style; the file goes by the checkpoint's bytes, what runs them and where.

    Args:
        style: an installed style's name, or a checkpoint's path.
        photos: what is to be stylized.
        options: how; only a size can be chosen.
    """
    is_usual = options == StylizeOptions(size=options.size)
    if not is_usual or len(photos) != 1 or not _is_small(Path(photos[0]), options.size):
        return None
    versions = [installed_version(name) for name in _PACKAGES]
    checkpoint = checkpoint_path(style)
    if versions[-1] is None or checkpoint is None:
        return None
    machine = platform.node(), platform.machine()
    try:
        name = facts_digest(hashlib.sha256(checkpoint.read_bytes()).hexdigest(), versions, machine)
        return cache_folder() / "graphs" / f"{name}.onnx"
    except (FaststError, OSError):  # no home for a cache, or no checkpoint, of which loading it tells
        return None


def load_kept(graph: Path) -> KeptStylizer | None:
    """Return what runs a kept graph; None if there is none, or it is damaged."""
    try:
        os.utime(graph)  # those not used for long are the first to go
        return KeptStylizer(graph)
    except (FaststError, OSError):
        return None


def keep(graph: Path, stylizer: "Stylizer | RegionStylizer | KeptStylizer") -> None:
    """Keep the graph of a style that was loaded to stylize on the CPU, for ``load_kept``.

    It takes a second or two, once for each style. Where it cannot be, nothing is kept.
    """
    from fastst.stylize.stylizer import Stylizer

    if not isinstance(stylizer, Stylizer) or stylizer.device.type != "cpu":
        return
    try:
        from fastst.engines.onnx_export import picture_graph

        if (exported := picture_graph(stylizer.network)) is not None:
            with atomic_path(graph) as temporary:
                _write_optimized(exported, temporary)
            _forget_the_oldest(graph.parent)
    except Exception as error:  # the picture is there already, and that was what was asked for
        _log.info("the graph is not kept: %s", error)


def _write_optimized(graph: bytes, path: Path) -> None:
    """Write a graph as ONNX Runtime would run it here, so that it is ready in a third of the time."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = os.fspath(path)
    options.log_severity_level = _ERRORS  # it warns that the file is for this machine
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _is_small(photo: Path, size: int | None) -> bool:
    with picture_header(photo) as header:
        if header is None:
            return False
        width, height = fitted_size(header.size, size)
        is_read_at_once = header.width * header.height <= _MOST_READ
    return is_read_at_once and min(width, height) >= LEAST_SIDE and width * height <= _MOST_PIXELS


def _forget_the_oldest(folder: Path) -> None:
    graphs = sorted(folder.glob("*.onnx"), key=lambda file: file.stat().st_mtime, reverse=True)
    for graph in graphs[_MOST_GRAPHS:]:
        with suppress(OSError):
            graph.unlink()
