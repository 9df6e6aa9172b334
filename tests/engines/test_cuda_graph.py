"""The engine of CUDA graphs, without CUDA: a graph that runs the network again stands in the place of one."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from fastst.engines import build_engine, engines_here
from fastst.engines.cuda_graph import CudaGraphEngine
from fastst.errors import UsageError
from fastst.networks import build

CPU = torch.device("cpu")


class Graph:
    """Computes into the same memory at every replay, as a captured graph does."""

    def __init__(self) -> None:
        self.again: Callable[[], object] = lambda: None
        self.replays = 0

    def replay(self) -> None:
        self.replays += 1
        self.again()


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> list[Graph]:
    """Every graph that is captured."""
    captured: list[Graph] = []

    def capture(graph: Graph, **options: Any) -> AbstractContextManager[None]:
        captured.append(graph)
        return nullcontext()

    stream = SimpleNamespace(wait_stream=lambda other: None)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: stream)
    monkeypatch.setattr(torch.cuda, "Stream", lambda device: stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: nullcontext())
    monkeypatch.setattr(torch.cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(torch.cuda, "graph", capture)
    return captured


def test_a_graph_for_each_shape_and_a_picture_for_each_run(
    graphs: list[Graph], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastst.engines.cuda_graph.multiplies_in_bf16", lambda device_type: False)
    torch.manual_seed(0)
    network = build("swift", width=4).eval()
    engine, reference = CudaGraphEngine(network, CPU), build_engine(network, "torch", CPU)
    real = engine._network

    def network_that_graphs_run_again(batch: Tensor) -> Tensor:
        stylized = real(batch)
        if graphs:
            graphs[-1].again = lambda: stylized.copy_(real(batch))
        return stylized

    engine._network = network_that_graphs_run_again
    small, large, other = (torch.rand(1, 3, *size) for size in ((32, 40), (64, 80), (32, 40)))
    found = [engine(batch) for batch in (small, other, large)]
    for batch, stylized in zip((small, other, large), found, strict=True):
        torch.testing.assert_close(stylized, reference(batch))
    assert [graph.replays for graph in graphs] == [2, 1]


def test_it_is_for_cuda_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "torch-cuda-graph" not in [kind.name for kind in engines_here("cpu")]
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **options: True)
    assert "torch-cuda-graph" in [kind.name for kind in engines_here("cuda")]
    with pytest.raises(UsageError, match="engine torch-cuda-graph runs on CUDA, not on cpu; use another"):
        build_engine(build("classic", width=1), "torch-cuda-graph", CPU)
