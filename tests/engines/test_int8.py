"""Networks in int8: nearly the same pictures, no bands, the same file for the same pictures, kept."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fastst.engines import build_engine, registry
from fastst.engines.int8 import calibration, kept
from fastst.engines.int8.quantizing import quantized
from fastst.engines.onnx_export import style_graph
from fastst.errors import UsageError
from fastst.networks import build
from fastst.networks.styles import load_style

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

CPU = torch.device("cpu")
ENGINES = ["onnx-int8", "openvino-int8"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path))
    return tmp_path / "int8"


@pytest.fixture
def network() -> nn.Module:
    return load_style("starry-night.film").network


def sky(height: int = 192, width: int = 256) -> Tensor:
    """A smooth sky: from blue above to pale below."""
    rows = torch.linspace(0, 1, height)[None, :, None].expand(1, height, width)
    return torch.stack([0.25 + 0.45 * rows, 0.45 + 0.35 * rows, 0.8 + 0.1 * rows], dim=1)


def arrays() -> list[np.ndarray]:
    return [picture.numpy() for picture in calibration.calibration_pictures()]


@pytest.mark.parametrize("name", ENGINES)
def test_a_smooth_sky_gets_no_bands(name: str, network: nn.Module) -> None:
    """A band would be a row, as wide as the picture, that is lighter or darker than in fp32."""
    if reason := registry.engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    engine, reference = (build_engine(network, each, CPU) for each in (name, "torch"))
    off = 255 * (engine(sky()) - reference(sky()))
    rows = off.mean(dim=3)
    assert rows.abs().max() < 2
    # From row to row: no step where the sky's own color passes from one level to the next.
    assert rows.diff(dim=2).abs().max() < 2


def test_the_same_pictures_give_the_same_file(network: nn.Module) -> None:
    graph = style_graph(network.network)
    first, second = (quantized(graph, arrays(), writes_levels=True) for _ in range(2))
    assert first == second
    assert quantized(graph, [np.sqrt(one) for one in arrays()], writes_levels=True) != first


def test_what_multiplies_whole_numbers_and_what_does_not(network: nn.Module) -> None:
    graph = onnx.load_from_string(quantized(style_graph(network.network), arrays(), writes_levels=False))
    makers = {output: node for node in graph.graph.node for output in node.output}
    convolutions = [node for node in graph.graph.node if node.op_type == "Conv"]
    rounded = [node for node in convolutions if makers[node.input[0]].op_type == "DequantizeLinear"]
    # Two fields of noise and the blurred photo stay as they are; of the picture there are 16 bits.
    assert (len(convolutions), len(rounded)) == (16, 13)
    assert all(makers[node.input[1]].op_type == "DequantizeLinear" for node in rounded)
    constants = {constant.name: constant for constant in graph.graph.initializer}
    kinds = {constants[makers[node.input[1]].input[0]].data_type for node in rounded}
    assert kinds == {onnx.TensorProto.INT8}
    norms = [node for node in graph.graph.node if node.op_type == "InstanceNormalization"]
    assert len(norms) == 11
    assert all(makers[node.input[0]].op_type != "DequantizeLinear" for node in norms)


def test_a_channel_that_spans_little_is_not_lost() -> None:
    """Scales that the norms and weights take back: a channel a thousandth as strong as another counts too."""
    torch.manual_seed(0)
    network = build("swift", width=8, half=8, blocks=1).eval()
    with torch.no_grad():
        scales = torch.logspace(-3, 0, 8)
        block = network.blocks[0]
        block.first_norm.weight.mul_(scales)
        block.second.convolution.weight.div_(scales[:, None, None])
    pictures = arrays()
    graph = quantized(style_graph(network), pictures, writes_levels=False)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"image": pictures[0]})
    with torch.inference_mode():
        off = 255 * (torch.from_numpy(found) - network(torch.from_numpy(pictures[0]))).abs()
    assert off.mean() < 1.5


@pytest.mark.parametrize("name", ENGINES)
def test_it_is_kept_for_these_weights(
    name: str, network: nn.Module, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := registry.engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    expected = build_engine(network, name, CPU)(sky())
    (file,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_made", lambda *arguments, **options: pytest.fail("made again"))
        assert torch.equal(build_engine(network, name, CPU)(sky()), expected)
    file.write_bytes(file.read_bytes()[:1000])  # a damaged one is made again
    assert torch.equal(build_engine(network, name, CPU)(sky()), expected)
    with torch.no_grad():
        next(network.parameters()).mul_(1.1)
    build_engine(network, name, CPU)
    assert len(list(cache.iterdir())) == 2


def test_the_oldest_are_forgotten(network: nn.Module, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_KEPT", 2)
    monkeypatch.setattr(kept, "_made", lambda *arguments, **options: b"graph")
    for _ in range(4):
        with torch.no_grad():
            next(network.parameters()).mul_(1.1)
        kept.int8_graph(network, writes_levels=False)
    assert len(list(cache.iterdir())) == 2


def test_without_onnx_runtime_the_cure_is_named(monkeypatch: pytest.MonkeyPatch, network: nn.Module) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == "onnxruntime" else real(name))
    with pytest.raises(UsageError, match=r"openvino-int8 is not installed; pip install 'fastst\[int8\]'"):
        build_engine(network, "openvino-int8", CPU)
