"""Every engine stylizes as torch in fp32 does, whatever the size, the batch and the architecture."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fastst.engines import build_engine, difference, engine_kind, engine_names
from fastst.engines.base import frame_colors
from fastst.engines.torch import TorchEngine
from fastst.networks import architectures, build
from fastst.networks.recolor import color_statistics
from fastst.networks.styles import load_style

CPU = torch.device("cpu")
# torch-compile takes a C++ compiler and most of a minute.
NAMES = [name for name in engine_names() if name not in ("auto", "torch", "torch-compile")]
SIZES = [(1, 96, 128), (1, 75, 101), (4, 50, 70)]


def pictures(batch: int, height: int, width: int) -> Tensor:
    """Smooth gradients with a disc, a different one for each of the batch, with the grain that photos have.

    Where a picture is exactly smooth, instance norm blows up the rounding of bf16 to a hatch.
    """
    rows, columns = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    disc = ((rows - 0.4) ** 2 + (columns - 0.6) ** 2 < 0.05).float()
    shades = torch.linspace(0.2, 0.8, batch).view(-1, 1, 1)
    smooth = torch.stack([rows * shades, columns * (1 - shades), disc * shades], dim=1)
    grain = torch.rand(smooth.shape, generator=torch.Generator().manual_seed(0))
    return (smooth + 0.1 * grain).clamp(0, 1)


@pytest.fixture(scope="module", params=["starry-night", *architectures()])
def network(request: pytest.FixtureRequest) -> nn.Module:
    """A trained style, and every architecture untrained, where a difference in a layer shows."""
    if request.param == "starry-night":
        return load_style(request.param).network
    torch.manual_seed(0)
    return build(request.param).eval()


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_torch_in_fp32(name: str, network: nn.Module) -> None:
    kind = engine_kind(name)
    if reason := kind.why_not("cpu"):
        pytest.skip(reason)
    engine, reference = build_engine(network, name, CPU), build_engine(network, "torch", CPU)
    for size in SIZES:
        off = difference(engine, reference, pictures(*size))
        assert off.shape == (size[0], 3, *size[1:])
        assert off.mean() <= kind.tolerance, size
        if not kind.bf16 and not kind.int8:
            assert off.max() <= 1 / 255, size


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_is_the_same_picture_in_bytes(name: str, network: nn.Module) -> None:
    kind = engine_kind(name)
    if reason := kind.why_not("cpu"):
        pytest.skip(reason)
    engine = build_engine(network, name, CPU)
    for height, width in ((96, 128), (75, 101)):
        levels = pictures(1, height, width).mul(255).round()
        frame = levels[0].permute(1, 2, 0).byte().numpy()
        expected = engine(levels / 255).mul(255).round().clamp(0, 255)[0].permute(1, 2, 0)
        # The frame's own colors, as those of a part of its pixels would be a little off.
        colors = color_statistics(levels / 255)
        turned = frame[:, ::-1][:, ::-1]  # strides as a camera's turned colors have them
        found = engine.frame(turned, colors)
        assert found.dtype == np.uint8
        # A last bit of bf16 is up to two levels in each layer, of int8 more, and bytes are not rounded where
        # floats are.
        off = np.abs(found.astype(int) - expected.numpy())
        assert off.max() <= (16 if kind.int8 else 8 if kind.bf16 else 1)
        assert off.mean() <= (1.5 if kind.int8 else 0.5)
        again = engine.frame(255 - frame)
        assert not np.shares_memory(found, again)


@pytest.mark.parametrize("name", NAMES)
def test_colors_that_are_given_decide(name: str) -> None:
    if reason := engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    torch.manual_seed(0)
    network = build("brush").eval()
    frame, other = (
        image[0].permute(1, 2, 0).mul(255).byte().numpy() for image in pictures(2, 64, 80).split(1)
    )
    engine = build_engine(network, name, CPU)
    own, given = engine.frame(frame), engine.frame(frame, frame_colors(other))
    assert np.abs(own.astype(int) - given).mean() > 5
    assert np.abs(own.astype(int) - engine.frame(frame, frame_colors(frame))).max() == 0


@pytest.mark.parametrize("name", ["torch", *NAMES])
def test_threads_get_their_own_pictures(name: str) -> None:
    if reason := engine_kind(name).why_not("cpu"):
        pytest.skip(reason)
    torch.manual_seed(0)
    engine = build_engine(build("swift", width=4).eval(), name, CPU)
    sizes = [(64, 80), (80, 64), (64, 80), (96, 64)]
    batches = [shade * pictures(1, *size) for shade, size in zip((0.4, 0.6, 0.8, 1), sizes, strict=True)]
    frames = [batch[0].permute(1, 2, 0).mul(255).byte().numpy() for batch in batches]
    expected = [(engine(batch), engine.frame(frame)) for batch, frame in zip(batches, frames, strict=True)]

    def paint_both(turn: int) -> tuple[Tensor, np.ndarray]:
        return engine(batches[turn % 4]), engine.frame(frames[turn % 4])

    with ThreadPoolExecutor(4) as threads:
        for turn, (batch, frame) in enumerate(threads.map(paint_both, range(80))):
            torch.testing.assert_close(batch, expected[turn % 4][0], atol=1e-3, rtol=0)
            assert np.abs(frame.astype(int) - expected[turn % 4][1]).max() <= 1, turn


def test_the_reference_is_the_network_itself(network: nn.Module) -> None:
    batch = pictures(2, 60, 52)
    with torch.inference_mode():
        expected = network.to(memory_format=torch.contiguous_format)(batch)  # type: ignore[call-overload]
    torch.testing.assert_close(build_engine(network, "torch", CPU)(batch), expected, atol=1e-4, rtol=0)


def test_bf16_leaves_the_network_in_fp32() -> None:
    network = build("classic", width=4)
    TorchEngine(network, CPU, bf16=True)
    assert {values.dtype for values in network.parameters()} == {torch.float32}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., object]]:
    """torch.compile without its minute: what it was given."""
    given: list[Callable[..., object]] = []

    def compile_nothing(network: Callable[..., object]) -> Callable[..., object]:
        given.append(network)
        return network

    monkeypatch.setattr(torch, "compile", compile_nothing)
    return given


def test_the_compiled_engine_compiles(compiled: list[Callable[..., object]]) -> None:
    network = build("classic", width=4).eval()
    engine, reference = build_engine(network, "torch-compile", CPU), build_engine(network, "torch", CPU)
    assert len(compiled) == 1
    assert difference(engine, reference, pictures(1, 64, 64)).mean() < 2 / 255
