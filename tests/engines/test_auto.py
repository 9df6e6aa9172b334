"""``auto`` takes the fastest engine that is right, and remembers it."""

import logging
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fastst.engines import auto, choose_engine
from fastst.engines.registry import EngineKind
from fastst.engines.torch import TorchEngine
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


class Patchy(Sleepy):
    """Right but for one patch."""

    def run(self, batch: Tensor) -> Tensor:
        picture = super().run(batch)
        picture[..., 20:30, 40:50] -= 0.06
        return picture


class Broken(TorchEngine):
    def run(self, batch: Tensor) -> Tensor:
        raise RuntimeError("illegal\ninstruction")


class Finicky(nn.Module):
    """A network that the engine "finicky" gets wrong by as much as it is told to, in its one weight."""

    def __init__(self, off: float) -> None:
        super().__init__()
        self.off = nn.Parameter(torch.tensor([off]))


KINDS = {
    "torch": EngineKind("torch", lambda network, device: Sleepy(network, seconds=0.03)),
    "quick": EngineKind("quick", lambda network, device: Sleepy(network, seconds=0.005)),
    "slow": EngineKind("slow", lambda network, device: Sleepy(network, seconds=0.06)),
    "wrong": EngineKind("wrong", lambda network, device: Sleepy(network, off=0.02)),
    "patchy": EngineKind("patchy", lambda network, device: Patchy(network)),
    "broken": EngineKind("broken", lambda network, device: Broken(network, CPU)),
    "finicky": EngineKind(
        "finicky", lambda network, device: Sleepy(network, off=float(network.state_dict()["off"]))
    ),
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path))
    monkeypatch.setattr(
        auto, "build_engine", lambda network, name, device: KINDS[name].build(network, device)
    )
    monkeypatch.setattr(auto, "_BUSY", 0.0)  # these engines sleep, which looks like a busy machine
    offer("torch", "slow", "quick", monkeypatch=monkeypatch)
    return tmp_path / "engines"


def offer(*names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "engines_here", lambda device_type: [KINDS[name] for name in names])


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
    """Every run's width, and the seconds that its engine takes."""
    seen: list[tuple[int, float]] = []
    real = Sleepy.run

    def run(self: Sleepy, batch: Tensor) -> Tensor:
        seen.append((batch.shape[-1], self.seconds))
        return real(self, batch)

    monkeypatch.setattr(Sleepy, "run", run)
    return seen


def test_the_fastest_is_taken_and_remembered(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = build("classic", width=1)
    assert choose_engine(network, CPU) == "quick"
    (file,) = cache.glob("times-*")
    file.write_text('{"torch": 2, "quick": 3, "slow": 1}')
    assert choose_engine(network, CPU) == "slow"
    assert choose_engine(build("classic", width=2), CPU) == "quick"  # another network is another question
    offer("torch", monkeypatch=monkeypatch)
    assert choose_engine(network, CPU) == "torch"  # what is remembered is no longer installed


def test_other_weights_are_not_raced_again(runs: list[tuple[int, float]]) -> None:
    first, second = build("classic", width=1), build("classic", width=1)
    choose_engine(first, CPU)
    runs.clear()
    assert choose_engine(second, CPU) == "quick"
    assert {width for width, _ in runs} == {131}
    assert {seconds for _, seconds in runs} == {0.005, 0.03}  # the one to be used, against torch
    runs.clear()
    assert [choose_engine(network, CPU) for network in (first, second)] == ["quick", "quick"]
    assert not runs


def test_an_engine_that_is_wrong_for_one_style_only(
    cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offer("torch", "slow", "quick", "finicky", monkeypatch=monkeypatch)
    choose_engine(Finicky(0.001), CPU)
    (file,) = cache.glob("times-*")
    file.write_text('{"torch": 3, "slow": 4, "quick": 2, "finicky": 1}')
    good, bad = Finicky(0.0), Finicky(0.02)
    with caplog.at_level(logging.WARNING, "fastst"):
        assert choose_engine(good, CPU) == "finicky"
        assert not caplog.messages
        assert choose_engine(bad, CPU) == "quick"
        assert choose_engine(bad, CPU) == "quick"
    (message,) = caplog.messages
    assert "finicky is left out: it is off by 5.1 grey levels" in message
    assert choose_engine(good, CPU) == "finicky"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("wrong", "off by 5.1 grey levels"),
        ("patchy", "a patch is off by 15.3 grey levels"),
        ("broken", "illegal instruction"),
    ],
)
def test_a_wrong_or_broken_engine_is_left_out(
    bad: str, reason: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offer("torch", bad, monkeypatch=monkeypatch)
    with caplog.at_level(logging.WARNING, "fastst"):
        assert choose_engine(build("classic", width=1), CPU) == "torch"
    (message,) = caplog.messages
    assert bad in message and "\n" not in message
    assert reason in message


def test_engines_in_int8_are_tried_on_photos_too(
    runs: list[tuple[int, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = EngineKind("whole", lambda network, device: Sleepy(network), int8=True)
    monkeypatch.setattr(auto, "engines_here", lambda device_type: [KINDS["torch"], whole])
    assert choose_engine(build("classic", width=1), CPU) == "whole"
    assert len([width for width, seconds in runs if seconds == 0 and width not in (131, 640)]) == 4


def test_a_cache_that_is_damaged_or_cannot_be_written_does_no_harm(cache: Path) -> None:
    network = build("classic", width=1)
    choose_engine(network, CPU)
    for content in ("[", "[]", "{"):
        for file in cache.iterdir():
            file.write_text(content)
        assert choose_engine(network, CPU) == "quick"
    for file in cache.iterdir():
        file.unlink()
    cache.rmdir()
    cache.write_text("a file where the folder should be")
    assert choose_engine(network, CPU) == "quick"


def test_times_of_a_busy_machine_serve_this_process_alone(
    cache: Path, runs: list[tuple[int, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "_BUSY", 0.99)
    assert choose_engine(build("classic", width=1), CPU) == "quick"
    assert not list(cache.glob("times-*"))
    runs.clear()
    assert choose_engine(build("classic", width=1), CPU) == "quick"
    assert {width for width, _ in runs} == {131}


def test_on_a_slow_machine_every_engine_is_timed_once(
    runs: list[tuple[int, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "_SECONDS", 0.0)
    assert choose_engine(build("classic", width=1), CPU) == "quick"
    timed = [seconds for width, seconds in runs if width == 640]
    assert timed == [0.03, 0.06, 0.005] * 2  # a warm-up, then one that counts


@pytest.mark.parametrize(
    "kept", ["[" * 10_000, '{"torch": "fast"}', '{"torch": NaN}', '{"torch": null}', "[]", "1", "\x00"]
)
def test_a_corrupt_cache_counts_as_none(kept: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(kept)
    assert auto._recall(tmp_path / "a.json", float) == {}
    (tmp_path / "a.json").write_text('{"torch": 12.5}')
    assert auto._recall(tmp_path / "a.json", float) == {"torch": 12.5}


def test_without_a_home_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FASTST_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("~nosuchuser").expanduser())
    monkeypatch.chdir(tmp_path)
    file = auto._cache_file("times", 1)
    auto._remember(file, {"torch": 1.0})
    assert auto._recall(file, float) == {}
    assert not list(tmp_path.iterdir())
