from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

from fastst.networks import architectures, build
from fastst.networks.recolor import Recolored
from fastst.networks.styles import load_style
from fastst.web.graph import WebNetwork, difference, web_network


def test_networks_of_an_architecture_share_a_graph() -> None:
    graphs, weights = [], []
    for seed in (0, 1):
        torch.manual_seed(seed)
        found = web_network(build("brush", width=8).eval().network)
        graphs.append(found.graph)
        weights.append(found.weights)
    assert graphs[0] == graphs[1]
    assert not np.array_equal(weights[0], weights[1])


@pytest.mark.parametrize("architecture", architectures())
def test_a_graph_with_its_weights_paints_as_the_network(architecture: str) -> None:
    torch.manual_seed(0)
    network = build(architecture).eval()
    if isinstance(network, Recolored):
        network = network.network
    assert difference(web_network(network), network) < 0.5


def test_the_mean_of_weights_is_the_mean_of_styles() -> None:
    names = ("starry-night.film", "the-scream.film")
    one, other = (web_network(load_style(name).network.network) for name in names)
    mean = 0.25 * one.weights.astype(np.float32) + 0.75 * other.weights.astype(np.float32)
    mixed = load_style(f"{names[0]}:0.25+{names[1]}:0.75").network.network
    assert one.graph == other.graph
    assert difference(WebNetwork(one.graph, mean.astype(np.float16)), mixed) < 0.1
    assert difference(one, mixed) > 5


def test_noise_is_kept_in_half_precision_and_no_lines_of_code_are_told() -> None:
    found = web_network(load_style("starry-night.film").network.network)
    assert len(found.graph) < 2.2 * 8 * 512**2
    assert found.weights.nbytes < 410_000
    assert str(Path(torch.__file__).parent).encode() not in found.graph
    assert b"brush.py" not in found.graph
