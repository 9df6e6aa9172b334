"""How fast a style runs on this machine, engine by engine and size by size, against the classic network."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from fastst.engines import build_engine, engine_kind, engines_here
from fastst.engines.hardware import PeakMemory, describe_machine
from fastst.errors import UsageError
from fastst.evaluation.settings import BenchOptions
from fastst.files import StrPath
from fastst.images.pictures import MAX_PIXELS
from fastst.networks import build
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.styles import load_style, style_label, style_names
from fastst.stylize.stylizer import MIN_SIDE, pick_device

_DEFAULT = BenchOptions()
_REFERENCE_WIDTH = 32
_FEWEST_ROUNDS = 2


@dataclass(frozen=True)
class Speed:
    """One engine at one size.

    Attributes:
        style: the style's name; "classic 32" for the reference.
        architecture: its network's.
        engine: what ran it.
        width: of the frame in pixels.
        height: likewise.
        ms: median time of a frame, network only: from float tensor to float tensor.
        fps: frames a second at that.
        times_classic: how many times faster than the classic network of width 32 on torch in fp32.
        rounds: how many frames the median is of.
        first_ms: what it took to build the engine and stylize the first frame; the first engine of a runtime
            also bears its import.
        memory_mb: what that added to the memory in use at its peak, in MiB.
    """

    style: str
    architecture: str
    engine: str
    width: int
    height: int
    ms: float
    fps: float
    times_classic: float
    rounds: int
    first_ms: float
    memory_mb: float


def bench(
    style: StrPath | None = None,
    *,
    sizes: Sequence[str] = _DEFAULT.sizes,
    seconds: float = _DEFAULT.seconds,
    engines: Sequence[str] = _DEFAULT.engines,
    device: str | None = _DEFAULT.device,
    on_round: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Time a style on this machine's engines against the classic network; see ``measure_speed``.

    Args:
        style: an installed style's name, or a checkpoint's path; None: the first one's, for video.
        sizes: such as "640x480".
        seconds: how long to measure in all.
        engines: names of engines; none: those that ``auto`` would try.
        device: such as "cpu" or "cuda"; None picks the fastest here.
        on_round: called after every round with the share of the time that is over.

    Returns:
        ``results``: a list of objects with style, architecture, engine, width, height, ms, fps,
        times_classic and more; ``reference``: the classic network's; ``machine``.

    Raises:
        UsageError: if there is no such style or engine here, or a size is none.
        FaststError: if the checkpoint is no good.
    """
    frames = [parse_size(size) for size in sizes]
    name = os.fspath(style) if style is not None else next(iter(style_names()), "starry-night")
    return measure_speed(
        style_label(name),
        load_style(name, for_video=style is None),
        sizes=frames,
        seconds=seconds,
        engines=engines,
        device=device,
        on_round=on_round,
    )


def measure_speed(
    style: str,
    checkpoint: Checkpoint,
    *,
    sizes: Sequence[tuple[int, int]],
    seconds: float,
    engines: Sequence[str] = (),
    device: str | None = None,
    on_round: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Time a style's network on the engines of this machine, and the classic network beside it.

    All take turns, a frame each, so that load from elsewhere or a processor that slows down hits all alike.

    Args:
        style: what to call it.
        checkpoint: the style.
        sizes: widths and heights of the frames.
        seconds: how long to measure in all, after the first frames; each size gets two rounds at least.
        engines: their names; none: those that ``auto`` would try.
        device: such as "cpu"; None: the fastest here.
        on_round: called after every round with the share of the time that is over.

    Returns:
        ``results``, a list with the figures of ``Speed``; ``reference``, the same of the classic network;
        ``machine``, what it ran on.

    Raises:
        UsageError: for a size that is too small, no time, or an engine that does not run here.
    """
    _check(sizes, seconds)
    where = torch.device(device) if device else pick_device(engines[0] if engines else "torch")
    names = list(engines) or [kind.name for kind in engines_here(where.type)]
    for name in names:
        if reason := engine_kind(name).why_not(where.type):
            raise UsageError(reason)
    results: list[Speed] = []
    references: list[Speed] = []
    for number, size in enumerate(sizes):

        def tell(share: float, number: int = number) -> None:
            on_round((number + share) / len(sizes))

        classic = build("classic", width=_REFERENCE_WIDTH)
        runners = [_Runner(f"classic {_REFERENCE_WIDTH}", "classic", classic, "torch", where, size)]
        for name in names:
            architecture = checkpoint.metadata.architecture
            runners.append(_Runner(style, architecture, checkpoint.network, name, where, size))
        _take_turns(runners, seconds / len(sizes), tell)
        reference, *others = [runner.speed(runners[0].ms) for runner in runners]
        references.append(reference)
        results += others
    return {
        "results": [asdict(speed) for speed in results],
        "reference": [asdict(speed) for speed in references],
        "machine": describe_machine(where),
    }


def parse_size(text: str) -> tuple[int, int]:
    """Return the width and height that a text such as "640x480" names.

    Raises:
        UsageError: if it names none.
    """
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and text.isascii()):
        raise UsageError(f"size {text}: give width x height in pixels, such as 640x480")
    sides = int(width[-6:]), int(height[-6:])
    if max(len(width), len(height)) > 5 or min(sides) < 1 or sides[0] * sides[1] > MAX_PIXELS:
        raise UsageError(f"size {text}: give at most {MAX_PIXELS} pixels in all, such as 640x480")
    return sides


class _Runner:
    """A network on an engine, its first frame done, and the times of the frames that follow."""

    def __init__(
        self,
        style: str,
        architecture: str,
        network: nn.Module,
        engine: str,
        device: torch.device,
        size: tuple[int, int],
    ) -> None:
        self.style, self.architecture, self.engine_name = style, architecture, engine
        self.device, (self.width, self.height) = device, size
        self.frame = torch.rand(1, 3, self.height, self.width, generator=torch.Generator().manual_seed(0))
        self.times: list[float] = []
        with PeakMemory(device) as memory:
            start = time.perf_counter()
            self.engine = build_engine(network, engine, device)
            self._repaint()
            self.first_ms = 1000 * (time.perf_counter() - start)
        self.memory_mb = memory.mebibytes

    def _repaint(self) -> Tensor:
        # Back on the CPU, so that a GPU has finished.
        return self.engine(self.frame.to(self.device)).cpu()

    def take_turn(self) -> None:
        start = time.perf_counter()
        self._repaint()
        self.times.append(1000 * (time.perf_counter() - start))

    @property
    def ms(self) -> float:
        return statistics.median(self.times)

    def speed(self, classic_ms: float) -> Speed:
        return Speed(
            style=self.style,
            architecture=self.architecture,
            engine=self.engine_name,
            width=self.width,
            height=self.height,
            ms=round(self.ms, 3),
            fps=round(1000 / self.ms, 2),
            times_classic=round(classic_ms / self.ms, 2),
            rounds=len(self.times),
            first_ms=round(self.first_ms, 1),
            memory_mb=round(self.memory_mb, 1),
        )


def _take_turns(runners: Sequence[_Runner], seconds: float, on_round: Callable[[float], None]) -> None:
    begin = time.perf_counter()
    rounds, spent = 0, 0.0
    while rounds < _FEWEST_ROUNDS or spent < seconds:
        for runner in runners:
            runner.take_turn()
        rounds, spent = rounds + 1, time.perf_counter() - begin
        on_round(min(1.0, spent / seconds))


def _check(sizes: Sequence[tuple[int, int]], seconds: float) -> None:
    for width, height in sizes:
        if min(width, height) < MIN_SIDE:
            raise UsageError(f"size {width}x{height} is too small; give sides of at least {MIN_SIDE} px")
    if not 0 < seconds < float("inf"):
        raise UsageError(f"seconds is {seconds}; give more than 0")
