"""ONNX graphs of style networks: for the engines here, and as files for other runtimes.

A file is compared with torch before it is written.
"""

import copy
import io
import os
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fastst.errors import FaststError, UsageError
from fastst.files import StrPath, atomic_path, refuse_replacing
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.styles import load_style

# Batch, height and width: multiples of 4 and not, larger and smaller than what the graph is traced on.
_CHECKED_SIZES = ((1, 96, 128), (2, 75, 101), (4, 50, 49), (1, 203, 162))
_FP32_TOLERANCE, _FP16_TOLERANCE, _INT8_TOLERANCE = 1 / 255, 2 / 255, 3 / 255

# InstanceNormalization and Resize as they are since; every runtime of the last years reads it.
_OPSET = 17
INPUT, OUTPUT = "image", "stylised"


def export(
    style: StrPath,
    output: StrPath,
    *,
    uint8: bool = False,
    half: bool = False,
    int8: bool = False,
    photos: StrPath | None = None,
    overwrite: bool = False,
) -> float:
    """Write a style as an ONNX file; see ``export_onnx``.

    Returns:
        The mean difference to torch in grey levels of 255.

    Raises:
        UsageError: if there is no such style, the output does not end in .onnx or is there already and
            ``overwrite`` is False, or ONNX is not installed.
        FaststError: if the graph does not stylize as the network does, or the file cannot be written.
    """
    checkpoint = load_style(os.fspath(style))
    return export_onnx(
        checkpoint, output, uint8=uint8, half=half, int8=int8, photos=photos, overwrite=overwrite
    )


def export_onnx(
    checkpoint: Checkpoint,
    output: StrPath,
    *,
    uint8: bool = False,
    half: bool = False,
    int8: bool = False,
    photos: StrPath | None = None,
    overwrite: bool = False,
) -> float:
    """Write a style as an ONNX file for any batch and any sides of at least 32 px.

    The input ``image`` and output ``stylised`` are (N, 3, H, W), RGB in [0, 1], float32. The checkpoint's
    header (title, painter, license and so on) goes into the file's metadata.

    Args:
        checkpoint: the style.
        output: the file, ending in .onnx.
        uint8: make input and output (N, H, W, 3), RGB, uint8 instead, as cameras and screens have it.
        half: store and compute in half precision, for GPUs: half the file, the same input and output.
        int8: let the convolutions compute in int8, for CPUs: twice as fast, and a little off; the same input
            and output.
        photos: a folder of photos to bring it to int8 by; None: synthetic images.
        overwrite: whether a file that is there already is replaced.

    Returns:
        The mean difference to torch in fp32 over the sizes that were checked, in grey levels of 255.

    Raises:
        UsageError: if the output does not end in .onnx or is there already, half and int8 are asked for
            together, there are photos without int8 or none that can be used, or ONNX Runtime is not
            installed.
        FaststError: if the graph does not stylize as the network does, or the file cannot be written.
    """
    output = Path(output)
    if output.suffix.lower() != ".onnx":
        raise UsageError(f"{output}: an export is an ONNX file; end the name with .onnx")
    if half and int8:
        raise UsageError("half precision is for GPUs and int8 for CPUs; ask for one of the two")
    if photos is not None and not int8:
        raise UsageError("photos are what int8 is made by; ask for int8, or leave them out")
    refuse_replacing([output], overwrite=overwrite)
    if not (find_spec("onnx") and find_spec("onnxruntime")):
        raise UsageError("export needs ONNX and its runtime; pip install 'fastst[onnx]'")
    network = _Exported(checkpoint.network, uint8=uint8, half=half)
    graph = _traced(network)
    if int8:
        graph = _in_int8(graph, photos, uint8=uint8)
    graph = _with_metadata(graph, checkpoint)
    reference = _Exported(checkpoint.network, uint8=uint8, half=False)
    off = float(np.mean([found.mean() for found in differences(graph, reference, uint8=uint8)]))
    tolerance = _INT8_TOLERANCE if int8 else _FP16_TOLERANCE if half else _FP32_TOLERANCE
    if not off <= tolerance:
        raise FaststError(
            f"{output}: not written, as the graph is off by {255 * off:.1f} grey levels; please report it"
        )
    with atomic_path(output) as temporary:
        temporary.write_bytes(graph)
    return 255 * off


def picture_graph(network: nn.Module) -> bytes | None:
    """Return the graph of a style network for pictures, (N, H, W, 3), RGB, uint8 to the same.

    None if it does not stylize as the network does. It needs ONNX Runtime, and no other package.
    """
    exported = _Exported(network, uint8=True, half=False)
    graph = _traced(exported)
    is_right = all(found.mean() <= _FP32_TOLERANCE for found in differences(graph, exported, uint8=True))
    return graph if is_right else None


def differences(graph: bytes, network: nn.Module, *, uint8: bool) -> Iterator[Tensor]:
    """Yield how far ONNX Runtime is from torch, in [0, 1], at several sizes and batches."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    scale = 255 if uint8 else 1
    for size in _CHECKED_SIZES:
        pictures = _pictures(*size, uint8=uint8)
        (stylized,) = session.run([OUTPUT], {INPUT: pictures.numpy()})
        with torch.inference_mode():
            yield (torch.from_numpy(stylized).float() - network(pictures).float()).abs() / scale


class _Exported(nn.Module):
    """A network with the input and output that the file is to have."""

    def __init__(self, network: nn.Module, *, uint8: bool, half: bool) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).half() if half else network
        self.dtype = torch.float16 if half else torch.float32
        self.uint8 = uint8

    def forward(self, pictures: Tensor) -> Tensor:
        if not self.uint8:
            return self.network(pictures.to(self.dtype)).float()
        image = pictures.permute(0, 3, 1, 2).to(self.dtype) / 255
        stylized = self.network(image).float().clamp(0, 1)
        return (255 * stylized).round().to(torch.uint8).permute(0, 2, 3, 1)


def _in_int8(graph: bytes, photos: StrPath | None, *, uint8: bool) -> bytes:
    from fastst.engines.int8.calibration import calibration_pictures
    from fastst.engines.int8.quantizing import quantized

    pictures = calibration_pictures(None if photos is None else os.fspath(photos))
    if uint8:
        pictures = [picture.mul(255).round().byte().permute(0, 2, 3, 1) for picture in pictures]
    arrays = [picture.contiguous().numpy() for picture in pictures]
    return quantized(graph, arrays, writes_levels=True, threads=torch.get_num_threads())


def _traced(network: _Exported) -> bytes:
    axes = {0: "batch", 1: "height", 2: "width"} if network.uint8 else {0: "batch", 2: "height", 3: "width"}
    return to_onnx(network, _pictures(1, 75, 101, uint8=network.uint8), axes=axes)


def _pictures(batch: int, height: int, width: int, *, uint8: bool) -> Tensor:
    random = torch.Generator().manual_seed(0)
    if uint8:
        return torch.randint(0, 256, (batch, height, width, 3), dtype=torch.uint8, generator=random)
    return torch.rand(batch, 3, height, width, generator=random)


def _with_metadata(graph: bytes, checkpoint: Checkpoint) -> bytes:
    import onnx

    model = onnx.load_from_string(graph)
    told = {"title", "painter", "year", "license", "architecture", "fastst_version"}
    header = checkpoint.metadata.model_dump(include=told, exclude_none=True)
    onnx.helper.set_model_props(model, {name: str(value) for name, value in header.items()})
    model.doc_string = f"{checkpoint.metadata.title}: a style network made by fastst"
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def to_onnx(network: nn.Module, example: Tensor, *, axes: dict[int, str]) -> bytes:
    """Trace the network on one example and return the ONNX file's bytes.

    This is torch's older exporter: for these networks both give the same operators and the same speed, but
    it takes 0.2 s where the newer takes 4 to 8 s, and it needs no further package.

    Args:
        network: takes and returns one tensor of the same shape.
        example: what to trace it on, with odd sides that differ, so that none is taken for a constant.
        axes: the free axes of the input and output, by index, with their names.
    """
    file: Any = io.BytesIO()
    # The exporter recommends its successor, and reports on its own inner workings.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example,),
            file,
            dynamo=False,
            opset_version=_OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: axes, OUTPUT: axes},
        )
    return file.getvalue()


def style_graph(network: nn.Module) -> bytes:
    """Return the ONNX graph of a style network on the CPU: (N, 3, H, W) float32 to the same."""
    example = torch.rand(1, 3, 75, 101)
    return to_onnx(network, example, axes={0: "batch", 2: "height", 3: "width"})
