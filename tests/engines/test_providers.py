"""Engines on hardware that this machine need not have: ONNX Runtime's CPU stands in its place."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fastst.engines import build_engine, choose_engine, difference, engines_here
from fastst.engines.providers import PROVIDERS, Provider, ProviderEngine
from fastst.engines.torch import TorchEngine
from fastst.errors import FaststError, UsageError
from fastst.networks import build
from fastst.stylize.stylizer import Stylizer

onnxruntime = pytest.importorskip("onnxruntime")
CPU = torch.device("cpu")


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return build("brush", width=8, half=4, blocks=1).eval()


def offer(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let ONNX Runtime say that it was built with these providers."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*names, "CPUExecutionProvider"])


def let_it_work(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """Let sessions claim the first provider that they are given, while the CPU does the work."""
    given: list[tuple[Any, Any]] = []

    class Session(onnxruntime.InferenceSession):
        def __init__(self, graph: bytes, options: Any, providers: Any) -> None:
            given.append(providers[0] if isinstance(providers[0], tuple) else (providers[0], {}))
            super().__init__(graph, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return [given[-1][0], *super().get_providers()]

    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    return given


@pytest.mark.parametrize("name", PROVIDERS)
def test_it_is_there_where_onnx_runtime_has_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name not in [kind.name for kind in engines_here("cpu")]
    with pytest.raises(UsageError, match=f"engine {name}: .*has no .*Provider; it comes with onnx"):
        build_engine(build("classic", width=1), name, CPU)
    offer(monkeypatch, PROVIDERS[name].name)
    for device in ("cpu", "mps", "cuda"):
        assert name in [kind.name for kind in engines_here(device)]


@pytest.mark.parametrize("name", PROVIDERS)
def test_it_paints_as_torch_does(name: str, network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, PROVIDERS[name].name)
    given = let_it_work(monkeypatch)
    engine, reference = build_engine(network, name, CPU), build_engine(network, "torch", CPU)
    for size in ((1, 3, 64, 80), (2, 3, 75, 101), (1, 3, 64, 80)):
        pictures = torch.rand(size, generator=torch.Generator().manual_seed(0))
        assert difference(engine, reference, pictures).max() < 1 / 255
    frame = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    assert np.abs(engine.frame(frame).astype(int) - reference.frame(frame)).max() <= 1
    # Once a shape, the frame's being that of the first picture.
    assert given == [(PROVIDERS[name].name, PROVIDERS[name].options)] * 2


def test_a_provider_without_hardware_says_so(network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ProviderEngine(network.network, CPU, Provider("NoneExecutionProvider", "nowhere"))
    with (
        pytest.warns(UserWarning),
        pytest.raises(FaststError, match="NoneExecutionProvider finds no hardware"),
    ):
        engine.run(torch.rand(1, 3, 64, 64))


class Slow(TorchEngine):
    def run(self, batch: Tensor) -> Tensor:
        import time

        time.sleep(0.05)
        return super().run(batch)


@pytest.fixture
def slow_cpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine where all that is on the CPU is slow."""
    from fastst.engines import registry

    monkeypatch.setenv("FASTST_CACHE", str(tmp_path))
    kinds = [registry.EngineKind("torch", Slow), *(kind for kind in registry._KINDS if kind.provider)]
    monkeypatch.setattr(registry, "_KINDS", kinds)


@pytest.mark.usefixtures("slow_cpu")
def test_auto_takes_it_where_it_is_fast(network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_engine(network, CPU) == "torch"
    offer(monkeypatch, "DmlExecutionProvider")
    let_it_work(monkeypatch)
    assert choose_engine(network, CPU) == "onnx-directml"
    assert choose_engine(network, CPU, elsewhere=False) == "torch"
    monkeypatch.setattr("fastst.stylize.stylizer.build_engine", build_engine)
    assert Stylizer(network, {}, engine="auto").engine_name == "onnx-directml"
    assert Stylizer(network, {}, engine="auto", device="cpu").engine_name == "torch"


@pytest.mark.usefixtures("slow_cpu")
@pytest.mark.filterwarnings("ignore:Specified provider")
def test_auto_leaves_out_what_was_built_in_but_finds_no_hardware(
    network: nn.Module, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Provider, "is_here", lambda self: self.name == "CUDAExecutionProvider")
    with caplog.at_level(logging.WARNING, "fastst"):
        assert choose_engine(network, CPU) == "torch"
    (message,) = caplog.messages
    assert "onnx-cuda is left out" in message and "finds no hardware" in message
