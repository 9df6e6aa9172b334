from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fastst.engines import onnx_export
from fastst.engines.int8 import calibration
from fastst.engines.onnx_export import export_onnx
from fastst.errors import FaststError, UsageError
from fastst.networks import architectures, build
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.header import Metadata
from fastst.networks.styles import load_style

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")


def style(network: nn.Module, architecture: str = "classic") -> Checkpoint:
    metadata = Metadata(
        architecture=architecture,
        title="Waves",
        painter="Nobody",
        license="public domain",
        steps=1,
        data="synthetic",
        fastst_version="0.1.0",
    )
    return Checkpoint(network=network.eval(), metadata=metadata)


def run(file: Path, pictures: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(["stylised"], {"image": pictures})[0]


@pytest.mark.parametrize("architecture", architectures())
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("uint8", [False, True])
def test_repaints_as_torch_does_at_sizes_it_was_not_traced_on(
    architecture: str, half: bool, uint8: bool, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    checkpoint = style(build(architecture), architecture)
    file = tmp_path / "style.onnx"
    assert export_onnx(checkpoint, file, uint8=uint8, half=half) < (0.5 if half else 0.01)
    for batch, height, width in ((1, 64, 64), (1, 37, 58), (4, 45, 71)):
        frames = torch.randint(0, 256, (batch, height, width, 3), dtype=torch.uint8)
        image = frames.permute(0, 3, 1, 2) / 255
        with torch.inference_mode():
            expected = 255 * checkpoint.network(image)
        if uint8:
            stylized = torch.from_numpy(run(file, frames.numpy())).permute(0, 3, 1, 2)
            assert stylized.dtype == torch.uint8
        else:
            stylized = 255 * torch.from_numpy(run(file, image.numpy()))
            assert stylized.dtype == torch.float32
        # Bytes are rounded, which is a half at most.
        assert (stylized - expected).abs().max() <= (4 if half else 0.1) + (0.5 if uint8 else 0)


def test_the_file_says_what_it_is_and_keeps_instance_norm(tmp_path: Path) -> None:
    network = build("classic", width=2)
    export_onnx(style(network), tmp_path / "style.onnx")
    model = onnx.load(tmp_path / "style.onnx")
    told = {entry.key: entry.value for entry in model.metadata_props}
    assert (told["title"], told["painter"], told["license"]) == ("Waves", "Nobody", "public domain")
    assert "year" not in told
    assert [node.op_type for node in model.graph.node].count("InstanceNormalization") == 15
    (image,) = model.graph.input
    assert [axis.dim_param or axis.dim_value for axis in image.type.tensor_type.shape.dim] == [
        "batch",
        3,
        "height",
        "width",
    ]


def test_half_precision_halves_the_file(tmp_path: Path) -> None:
    for half in (False, True):
        export_onnx(style(build("classic", width=8)), tmp_path / f"{half}.onnx", half=half)
    assert (tmp_path / "True.onnx").stat().st_size < 0.6 * (tmp_path / "False.onnx").stat().st_size


@pytest.mark.parametrize("uint8", [False, True])
def test_int8_is_a_smaller_file_that_repaints_nearly_the_same(uint8: bool, tmp_path: Path) -> None:
    checkpoint = load_style("starry-night.film")
    assert export_onnx(checkpoint, tmp_path / "full.onnx", uint8=uint8) < 0.01
    assert 0.1 < export_onnx(checkpoint, tmp_path / "int8.onnx", uint8=uint8, int8=True) < 3
    assert (tmp_path / "int8.onnx").stat().st_size < (tmp_path / "full.onnx").stat().st_size - 300_000
    model = onnx.load(tmp_path / "int8.onnx")
    assert {"QuantizeLinear", "DequantizeLinear"} <= {node.op_type for node in model.graph.node}
    assert "Starry" in {entry.key: entry.value for entry in model.metadata_props}["title"]


def test_int8_by_photos_is_another_file(photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "_COUNT", 2)
    monkeypatch.setattr(calibration, "_SIZE", 64)
    checkpoint = style(build("swift", width=8, half=8, blocks=1), "swift")
    for name, photos in (("a", None), ("b", photo.parent), ("c", photo.parent)):
        export_onnx(checkpoint, tmp_path / f"{name}.onnx", int8=True, photos=photos)
    first, second, third = ((tmp_path / f"{name}.onnx").read_bytes() for name in "abc")
    assert first != second == third


class TakesTheSizeForAConstant(nn.Module):
    """Subtracts a mean over as many pixels as the traced picture has: right at one size only."""

    def forward(self, image: Tensor) -> Tensor:
        return image - image.sum(dim=(2, 3), keepdim=True) / int(image.shape[2] * image.shape[3])


def test_a_graph_that_is_wrong_at_other_sizes_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(FaststError, match=r"style\.onnx: not written, as the graph is off by \d"):
        export_onnx(style(TakesTheSizeForAConstant()), tmp_path / "style.onnx")
    assert list(tmp_path.iterdir()) == []


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.pth: an export is an ONNX file"):
        export_onnx(style(build("classic", width=1)), tmp_path / "a.pth")


def test_without_onnx_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'fastst\[onnx\]'"):
        export_onnx(style(build("classic", width=1)), tmp_path / "a.onnx")
