"""``auto`` takes the fastest engine that is right, and remembers it."""

import logging
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fastst.engines import choice, choose_engine
from fastst.engines.registry import EngineKind
from fastst.engines.torch_engine import TorchEngine
from fastst.networks import build

CPU = torch.device("cpu")


class Sleepy(TorchEngine):
    """Right, and as slow as it is told to be; wrong by as much as it is told to."""

    def __init__(self, network: nn.Module, *, seconds: float = 0.0, off: float = 0.0) -> None:
        super().__init__(network, CPU)
        self.seconds, self.off = seconds, off

    def run(self, batch: Tensor) -> Tensor:
        time.sleep(self.seconds)
        return torch.sigmoid(batch) + self.off


class Broken(TorchEngine):
    def run(self, batch: Tensor) -> Tensor:
        raise RuntimeError("illegal\ninstruction")


KINDS = {
    "torch": EngineKind("torch", lambda network, device: Sleepy(network, seconds=0.03)),
    "quick": EngineKind("quick", lambda network, device: Sleepy(network, seconds=0.005)),
    "slow": EngineKind("slow", lambda network, device: Sleepy(network, seconds=0.06)),
    "wrong": EngineKind("wrong", lambda network, device: Sleepy(network, off=0.02)),
    "broken": EngineKind("broken", lambda network, device: Broken(network, CPU)),
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path))
    monkeypatch.setattr(
        choice, "build_engine", lambda network, name, device: KINDS[name].build(network, device)
    )
    monkeypatch.setattr(choice, "_BUSY", 0.0)  # these engines sleep, which looks like a busy machine
    offer("torch", "slow", "quick", monkeypatch=monkeypatch)
    return tmp_path / "engines"


def offer(*names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "engines_here", lambda device_type: [KINDS[name] for name in names])


def test_the_fastest_is_taken_and_remembered(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = build("classic", width=1)
    assert choose_engine(network, CPU) == "quick"
    (file,) = cache.iterdir()
    file.write_text('{"engine": "slow"}')
    assert choose_engine(network, CPU) == "slow"
    assert choose_engine(build("classic", width=2), CPU) == "quick"  # another network is another question
    offer("torch", monkeypatch=monkeypatch)
    assert choose_engine(network, CPU) == "torch"  # what is remembered is no longer installed


@pytest.mark.parametrize("bad", ["wrong", "broken"])
def test_a_wrong_or_broken_engine_is_left_out(
    bad: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offer("torch", bad, monkeypatch=monkeypatch)
    with caplog.at_level(logging.WARNING, "fastst"):
        assert choose_engine(build("classic", width=1), CPU) == "torch"
    (message,) = caplog.messages
    assert bad in message and "\n" not in message
    assert ("off by 5.1 grey levels" if bad == "wrong" else "illegal instruction") in message


def test_a_cache_that_is_damaged_or_cannot_be_written_does_no_harm(cache: Path) -> None:
    network = build("classic", width=1)
    choose_engine(network, CPU)
    (file,) = cache.iterdir()
    file.write_text("[")
    assert choose_engine(network, CPU) == "quick"
    file.unlink()
    cache.rmdir()
    cache.write_text("a file where the folder should be")
    assert choose_engine(network, CPU) == "quick"


def test_a_busy_machine_is_not_remembered(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_BUSY", 0.99)
    assert choose_engine(build("classic", width=1), CPU) == "quick"
    assert not cache.exists()


def test_on_a_slow_machine_every_engine_is_timed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_SECONDS", 0.0)
    runs: list[str] = []
    real = Sleepy.run

    def run(self: Sleepy, batch: Tensor) -> Tensor:
        if batch.shape[-1] == 640:
            runs.append(f"{self.seconds}")
        return real(self, batch)

    monkeypatch.setattr(Sleepy, "run", run)
    assert choose_engine(build("classic", width=1), CPU) == "quick"
    assert runs == ["0.03", "0.06", "0.005"] * 2  # a warm-up, then one that counts
