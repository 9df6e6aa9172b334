"""``auto``: the fastest engine that is installed here and right for this network."""

import json
import logging
import platform
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fastst.engines.base import Engine
from fastst.engines.registry import EngineKind, build_engine, engines_here
from fastst.errors import FaststError
from fastst.files import atomic_path, cache_folder, facts_digest
from fastst.images.tensors import read_tensor
from fastst.networks.checkpoint import weights_digest
from fastst.runtime import installed_version

_FRAME = (480, 640)
# Over 7 x 7 pixels rounding evens out; what is left is a patch or a band of another color.
_PATCH, _PATCH_TOLERANCE = 7, 6 / 255
# Int8 is right or wrong by the picture: it is tried on the free photos that come with the package too.
_PHOTOS, _PHOTO_SIZE = Path(__file__).parents[1] / "photos", 512
_TRIALS, _SECONDS = 3, 6.0
# A process that gets less of a core than this while it computes shares the machine with something heavy.
_BUSY = 0.8
_PACKAGES = ("fastst", "torch", "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "openvino")

_log = logging.getLogger(__name__)
# What this process has timed, by the file that keeps it: the next style needs it also where it was not kept.
_timed: dict[Path, dict[str, float]] = {}


def choose_engine(network: nn.Module, device: torch.device, *, elsewhere: bool = True) -> str:
    """Return the name of the fastest engine that is right for the network.

    Engines are timed on a frame of 640 x 480. That takes some seconds, once for all networks whose parameters
    have the same names and shapes: the times are kept in the user's cache for this machine with these
    packages, unless the machine was too busy for them to mean much. From the fastest on, engines are compared
    with torch in fp32 on a small picture, those in int8 on four photos too, until one is right; that too is
    kept, for these weights. Right is what is off by little on average, and in no patch by much.

    Args:
        network: as for ``build_engine``.
        device: where torch runs it.
        elsewhere: whether engines that bring hardware of their own are tried, which is not on that device.
    """
    kinds = {kind.name: kind for kind in engines_here(device.type) if elsewhere or kind.provider is None}
    machine = platform.node(), platform.machine(), torch.get_num_threads(), str(device)
    facts = machine, list(kinds), [installed_version(name) for name in _PACKAGES]
    weights = network.state_dict()
    shapes = [(name, list(tensor.shape)) for name, tensor in weights.items()]
    milliseconds = _times(kinds, network, device, file=_cache_file("times", shapes, facts))
    file = _cache_file("right", weights_digest(weights), facts)
    verdicts = _recall(file, bool) or {"torch": True}
    for name in sorted(milliseconds, key=milliseconds.__getitem__):
        if name not in verdicts:
            verdicts[name] = _is_right(kinds[name], network, device)
            _remember(file, verdicts)
        if verdicts[name]:
            return name
    return "torch"


def difference(engine: Engine, reference: Engine, batch: Tensor) -> Tensor:
    """Return how far two engines' pictures are from each other, as absolute values in [0, 1].

    Args:
        engine: what to judge.
        reference: what to judge it by.
        batch: (N, 3, H, W), RGB in [0, 1].
    """
    pictures = (one(batch.to(one.device)).cpu().clamp(0, 1) for one in (engine, reference))
    return torch.sub(*pictures).abs()


def _is_right(kind: EngineKind, network: nn.Module, device: torch.device) -> bool:
    try:
        engine, reference = kind.make(network, device), build_engine(network, "torch", device)
        pictures = [_test_picture(), *(_free_photos() if kind.int8 else [])]
        found = [_mean_and_patch(engine, reference, picture) for picture in pictures]
    except Exception as error:
        _leave_out(kind, error)
        return False
    off, patch = (max(each) for each in zip(*found, strict=True))
    if not off <= kind.tolerance:
        _log.warning("engine %s is left out: it is off by %.1f grey levels", kind.name, 255 * off)
    elif not patch <= _PATCH_TOLERANCE:
        _log.warning("engine %s is left out: a patch is off by %.1f grey levels", kind.name, 255 * patch)
    return off <= kind.tolerance and patch <= _PATCH_TOLERANCE


def _mean_and_patch(engine: Engine, reference: Engine, picture: Tensor) -> tuple[float, float]:
    """Return the mean difference of two engines' pictures, and that of the patch where they differ most."""
    first, second = (one(picture.to(one.device)).cpu().clamp(0, 1) for one in (engine, reference))
    off = first - second
    return float(off.abs().mean()), float(F.avg_pool2d(off, _PATCH, stride=1).abs().max())


def _leave_out(kind: EngineKind, error: Exception) -> None:
    """Say so: a runtime that is broken here raises anything, and the others still work."""
    _log.warning("engine %s is left out: %s", kind.name, " ".join(str(error).split()))


def _test_picture() -> Tensor:
    """A picture (1, 3, 97, 131) of smooth colors, edges and a little noise."""
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 97), torch.linspace(-1, 1, 131), indexing="ij")
    smooth = torch.stack([rows, columns, rows * columns])
    disc = (rows**2 + columns**2 < 0.3).float()
    noise = torch.rand(3, 97, 131, generator=torch.Generator().manual_seed(0))
    return (0.5 + 0.3 * smooth + 0.2 * disc + 0.1 * (noise - 0.5)).clamp(0, 1)[None]


def _free_photos() -> list[Tensor]:
    return [read_tensor(file, size=_PHOTO_SIZE) for file in sorted(_PHOTOS.glob("*.jpg"))]


def _times(
    kinds: dict[str, EngineKind], network: nn.Module, device: torch.device, *, file: Path
) -> dict[str, float]:
    """Return the milliseconds that each engine takes for one frame, as they are known or by a race."""
    known = _recall(file, float) or _timed.get(file)
    if known and known.keys() <= kinds.keys():
        return known
    engines = {}
    for name, kind in kinds.items():
        try:
            engines[name] = kind.make(network, device)
            engines[name](_test_picture().to(device)).cpu()
        except Exception as error:
            engines.pop(name, None)
            _leave_out(kind, error)
    wall, processor = time.perf_counter(), time.process_time()
    milliseconds = _timed[file] = _race(engines)
    busy = time.process_time() - processor < _BUSY * (time.perf_counter() - wall)
    fastest = min(milliseconds, key=milliseconds.__getitem__, default="torch")
    timings = ", ".join(f"{name} {value:.0f}" for name, value in milliseconds.items())
    _log.info("engine %s is the fastest here (ms at 640 x 480: %s)", fastest, timings)
    if not busy:
        _remember(file, milliseconds)
    return milliseconds


def _race(engines: dict[str, Engine]) -> dict[str, float]:
    """Return each engine's best time for one frame.

    They take turns, so that load from elsewhere hits all alike. On a slow machine one turn has to do.
    """
    frame = torch.rand(1, 3, *_FRAME, generator=torch.Generator().manual_seed(0))
    best: dict[str, float] = {}
    begin = time.perf_counter()
    for trial in range(1 + _TRIALS):
        if trial > 1 and time.perf_counter() - begin > _SECONDS:
            break
        for name, engine in engines.items():
            start = time.perf_counter()
            engine(frame.to(engine.device)).cpu()
            if trial > 0:  # the first run warms up
                best[name] = min(best.get(name, float("inf")), 1000 * (time.perf_counter() - start))
    return best


def _cache_file(kind: str, *facts: Any) -> Path:
    """Where it is kept; a relative path where there is no folder for a cache, and nothing is."""
    name = Path("engines", f"{kind}-{facts_digest(*facts)}.json")
    try:
        return (cache_folder() / name).absolute()
    except FaststError:
        return name


def _recall(file: Path, kind: type[float] | type[bool]) -> dict[str, Any]:
    """Return what was kept, by engine; nothing if there is none, or it is not of that kind."""
    try:
        found = json.loads(file.read_text()) if file.is_absolute() and file.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return {}
    # A time that is no number sorts nowhere.
    is_sound = isinstance(found, dict) and all(
        (type(value) is bool) == (kind is bool) and isinstance(value, (int, float)) and 0 <= value < 1e9
        for value in found.values()
    )
    return found if is_sound else {}


def _remember(file: Path, found: dict[str, Any]) -> None:
    if not file.is_absolute():
        return
    try:
        with atomic_path(file) as temporary:
            temporary.write_text(json.dumps(found))
    except FaststError as error:
        _log.info("the choice of engine was not kept: %s", error)
