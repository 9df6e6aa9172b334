"""Print what int8 costs in the picture and gains in time: what was tried, and every style as it is built.

Differences are to torch in fp32, in grey levels of 255, on photos: the mean, and that of the patch of 7 x 7
pixels that is off by most. Times are of one frame of 640 x 480 on OpenVINO: the least processor time of some,
all in turn, with what is not int8 in fp32 and in bf16.

Usage: python scripts/int8_table.py PAINTINGS PHOTOS [--styles starry-night.film ...] [--count 24]
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import openvino
import torch
from torch import Tensor
from torch.nn import functional as F

from fastst.engines import build_engine, engine_kind
from fastst.engines.int8.calibration import calibration_pictures
from fastst.engines.int8.graph import Graph, folded
from fastst.engines.int8.rounding import round_convolutions
from fastst.engines.int8.scaling import level_inputs
from fastst.engines.int8.spans import measure
from fastst.engines.int8.splitting import reads_the_picture, sources, split_convolutions
from fastst.engines.onnx_export import style_graph
from fastst.evaluation.metrics.painted import Painted, PaintedEvaluator
from fastst.images.finding import find_pictures
from fastst.images.pictures import fit, read_picture
from fastst.images.tensors import to_tensor
from fastst.networks.recolor import Recolored
from fastst.networks.styles import load_style

_CPU = torch.device("cpu")
_ENGINES = ("openvino-bf16", "openvino-int8", "onnx-int8")
_FRAME, _ROUNDS = (1, 3, 480, 640), 12
_LONG_SIDE = 512

Painter = Callable[[Tensor], Tensor]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("paintings", type=Path, help="folder of the styles' paintings")
    parser.add_argument("photos", type=Path, help="folder of photos that no style was trained on")
    parser.add_argument("--tried", default="contrast-of-forms.film", help="whose variants to try")
    parser.add_argument("--styles", nargs="*", default=["starry-night.film"])
    parser.add_argument("--count", type=int, default=24, help="of the photos")
    arguments = parser.parse_args()
    files = [file for file, _ in find_pictures([arguments.photos])][: arguments.count]
    photos = [to_tensor(read_picture(file).rgb)[None] for file in files]
    print(f"{len(photos)} photos\n")
    _print_tried(arguments.tried, photos)
    print("\n| style | engine | mean (worst photo) | patch (median) | strokes 4 / 8 / 16 / 32 | contrast |")
    print("|---|---|---|---|---|---|")
    for name in arguments.styles:
        _print_style(name, arguments.paintings, photos)


def _print_tried(name: str, photos: Sequence[Tensor]) -> None:
    network = load_style(name).network
    assert isinstance(network, Recolored)
    reference = [build_engine(network, "torch", _CPU)(photo) for photo in photos]
    variants = _variants(network)
    milliseconds = _milliseconds(variants)
    print(f"| {name} | mean (worst photo) | patch (median) | ms, fp32 | ms, bf16 |\n|---|---|---|---|---|")
    for label, model in variants.items():
        painter = _painter(model, network)
        off = _differences([painter(photo) for photo in photos], reference)
        times = " | ".join(f"{milliseconds[label, hint]:.1f}" for hint in ("f32", "bf16"))
        print(f"| {label} | {off} | {times} |", flush=True)


def _variants(network: Recolored) -> dict[str, openvino.Model]:
    """Return what was tried, by what it is."""
    graph = style_graph(network.network)
    with torch.inference_mode():
        pictures = [network.recolor(one).contiguous().numpy() for one in calibration_pictures()]
    plain = folded(graph)
    spans = measure(plain, sources(plain), pictures, threads=1)

    def rounded(*, floats: Sequence[str] = (), fine: Sequence[str] = (), level: bool = True) -> Any:
        """Return the network in int8 but for convolutions whose names hold one of some words."""
        edited = Graph(onnx.load_from_string(plain.model.SerializeToString()))
        found = dict(spans)
        chosen = split_convolutions(edited, found)
        if level:
            level_inputs(edited, found)
        chosen = [each for each in chosen if not any(word in each for word in floats)]
        in_16 = [each for each in chosen if any(word in each for word in fine)]
        round_convolutions(edited, chosen, found, fine=in_16, outputs={})
        assert not fine or any(reads_the_picture(edited, each) for each in in_16)
        return _read(edited.model.SerializeToString())

    tried = {
        "no int8": _read(graph),
        "all in int8": rounded(),
        "all, channels not levelled": rounded(level=False),
        "first left out": rounded(floats=["gather"]),
        "last left out": rounded(floats=["paint"]),
        "first and last left out": rounded(floats=["gather", "paint"]),
        "first, last and half size left out": rounded(floats=["gather", "refine", "paint"]),
        "first in 16 bits: as it is built": rounded(fine=["gather"]),
        "first and a block in 16 bits": rounded(fine=["gather", "blocks.0"]),
        "all in 16 bits": rounded(fine=[""]),
    }
    if find_spec("nncf"):
        tried["NNCF, its defaults"] = _by_nncf(_read(plain.model.SerializeToString()), pictures, kinds=())
        kinds = ("MVN", "Add", "Subtract", "Multiply", "AvgPool", "Interpolate", "Concat")
        tried["NNCF, convolutions alone"] = _by_nncf(
            _read(plain.model.SerializeToString()), pictures, kinds=kinds
        )
    return tried


def _by_nncf(model: openvino.Model, pictures: Sequence[np.ndarray], *, kinds: Sequence[str]) -> Any:
    import nncf

    ignored = nncf.IgnoredScope(types=list(kinds), validate=False)
    return nncf.quantize(model, nncf.Dataset(pictures), subset_size=len(pictures), ignored_scope=ignored)


def _read(graph: bytes) -> openvino.Model:
    return openvino.Core().read_model(graph)


def _ready(model: openvino.Model, shape: Sequence[int], hint: str) -> Any:
    fixed = model.clone()
    fixed.reshape(list(shape))
    settings = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}
    return openvino.Core().compile_model(fixed, "CPU", settings).create_infer_request()


def _painter(model: openvino.Model, network: Recolored) -> Painter:
    ready: dict[tuple[int, ...], Any] = {}

    def paint(photo: Tensor) -> Tensor:
        shape = tuple(photo.shape)
        if shape not in ready:
            ready[shape] = _ready(model, shape, "f32")
        with torch.inference_mode():
            pixels = network.recolor(photo).contiguous().numpy()
        return torch.from_numpy(ready[shape].infer([pixels])[0].copy())

    return paint


def _milliseconds(variants: dict[str, openvino.Model]) -> dict[tuple[str, str], float]:
    """Return the least processor time of a frame, by variant and by the precision of what is not int8."""
    frame = np.random.default_rng(0).random(_FRAME, np.float32)
    ready = {
        (label, hint): _ready(model, _FRAME, hint)
        for label, model in variants.items()
        for hint in ("f32", "bf16")
    }
    best: dict[tuple[str, str], float] = {}
    for turn in range(1 + _ROUNDS):
        for label, request in ready.items():
            begin = time.process_time()
            request.infer([frame], share_inputs=True, share_outputs=True)
            if turn > 0:  # the first run warms up
                best[label] = min(best.get(label, np.inf), 1000 * (time.process_time() - begin))
    return best


def _print_style(name: str, paintings: Path, photos: Sequence[Tensor]) -> None:
    network = load_style(name).network
    file = paintings / f"{name.removesuffix('.film').replace('-', '_')}.jpg"
    judge = PaintedEvaluator(to_tensor(fit(read_picture(file).rgb, _LONG_SIDE))[None])
    reference = [build_engine(network, "torch", _CPU)(photo) for photo in photos]
    judged = [judge(picture, photo) for picture, photo in zip(reference, photos, strict=True)]
    for kind in _ENGINES:
        if engine_kind(kind).why_not("cpu"):
            continue
        engine = build_engine(network, kind, _CPU)
        found = [engine(photo) for photo in photos]
        again = [judge(picture, photo) for picture, photo in zip(found, photos, strict=True)]
        off = _differences(found, reference)
        print(f"| {name} | {kind} | {off} | {_ratios(again, judged)} |", flush=True)


def _differences(found: Sequence[Tensor], reference: Sequence[Tensor]) -> str:
    off = [255 * (one - other) for one, other in zip(found, reference, strict=True)]
    means = [float(one.abs().mean()) for one in off]
    patches = [float(F.avg_pool2d(one, 7, stride=1).abs().max()) for one in off]
    mean, middle = statistics.fmean(means), statistics.median(patches)
    return f"{mean:.2f} ({max(means):.2f}) | {max(patches):.1f} ({middle:.1f})"


def _ratios(found: Sequence[Painted], reference: Sequence[Painted]) -> str:
    """Return how many per cent more strokes and contrast there are than in fp32, over all photos."""
    strokes = [
        sum(one.strokes[band] for one in found) / sum(one.strokes[band] for one in reference)
        for band in range(4)
    ]
    contrast = sum(one.contrast for one in found) / sum(one.contrast for one in reference)
    more = " / ".join(f"{100 * (ratio - 1):+.1f} %" for ratio in strokes)
    return f"{more} | {100 * (contrast - 1):+.1f} %"


if __name__ == "__main__":
    main()
