"""Trainings in two processes against one: the same losses, resumed exactly, ended where a process dies."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from fastst.training.state import state_path

pytestmark = pytest.mark.slow

# Trains by the settings it is given, and prints the losses of every step; line by line for whoever watches.
SCRIPT = """
import json, sys
import fastst
settings = json.loads(sys.argv[1])
losses = []
def note(report):
    losses.append(report.terms)
    print(json.dumps(report.terms), flush=True)
try:
    fastst.train(**settings, on_step=note)
except fastst.FaststError as error:
    print(error, file=sys.stderr, flush=True)
    sys.exit(3)
"""


@pytest.fixture
def settings(painting: Path, vgg_file: Path) -> dict[str, Any]:
    return {
        "painting": str(painting),
        "loss_network_weights": str(vgg_file),
        "size": 64,
        "style_size": 64,
        "options": {"width": 4},
        "precision": "fp32",
        "warm_up": 5,
        "save_every": 4,
        "objective": {"content_layer": "relu2_2", "style_layers": {"relu1_2": 1.0, "relu2_2": 1.0}},
    }


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "training.py"
    path.write_text(SCRIPT)
    return path


def start(script: Path, processes: int, **settings: Any) -> subprocess.Popen[str]:
    # A fresh port each time; with the launcher's own log of failures out of the way.
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    return subprocess.Popen(
        [sys.executable, *(launcher if processes > 1 else []), str(script), json.dumps(settings)],
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def losses_of(script: Path, processes: int, **settings: Any) -> list[dict[str, float]]:
    said, errors = start(script, processes, **settings).communicate(timeout=500)
    assert said, errors
    return [json.loads(line) for line in said.splitlines()]


def trainers(launched: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(launched.pid).children() if child.is_running()]


def wait_for_steps(launched: subprocess.Popen[str], count: int) -> None:
    assert launched.stdout is not None
    for _ in range(count):
        assert launched.stdout.readline()


@pytest.mark.parametrize("temporal_weight", [0.0, 0.5])
def test_two_with_a_batch_are_one_with_twice_the_batch(
    settings: dict[str, Any], script: Path, tmp_path: Path, temporal_weight: float
) -> None:
    # What remains is rounding, which grows from step to step; at the usual rate, which is 30 times as large,
    # to some 1e-4.
    chosen = {**settings, "steps": 50, "temporal_weight": temporal_weight, "learning_rate": 1e-4}
    one = losses_of(script, 1, **chosen, batch=2, output=str(tmp_path / "one.safetensors"))
    two = losses_of(script, 2, **chosen, batch=1, output=str(tmp_path / "two.safetensors"))
    assert len(one) == len(two) == 50
    apart = [abs(a[name] - b[name]) for a, b in zip(one, two, strict=True) for name in a]
    assert max(apart) < 1e-5


def test_both_killed_and_resumed_end_as_if_nothing_had_been(
    settings: dict[str, Any], script: Path, tmp_path: Path
) -> None:
    straight, killed = tmp_path / "straight.safetensors", tmp_path / "killed.safetensors"
    chosen = {**settings, "steps": 20, "batch": 1}
    losses_of(script, 2, **chosen, output=str(straight))
    launched = start(script, 2, **chosen, output=str(killed))
    wait_for_steps(launched, 10)
    everyone = [*trainers(launched), psutil.Process(launched.pid)]
    for process in reversed(everyone):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    launched.communicate()
    assert state_path(killed).exists() and not killed.exists()
    losses_of(script, 2, **chosen, output=str(killed), resume=True)
    assert killed.read_bytes() == straight.read_bytes()


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
def test_one_that_dies_ends_the_run_within_a_minute(
    settings: dict[str, Any], script: Path, tmp_path: Path, way: signal.Signals
) -> None:
    output = tmp_path / "style.safetensors"
    launched = start(script, 2, **settings, steps=100_000, batch=1, output=str(output))
    wait_for_steps(launched, 6)
    victim = trainers(launched)[1]
    began = time.monotonic()
    victim.send_signal(way)
    try:
        # What hangs can be ended by nobody but who stopped it: the others are what has to end.
        _, errors = _ended(launched, victim)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    assert time.monotonic() - began < 60
    if way == signal.SIGSTOP:  # of one that dies, the launcher may be quicker to end the others
        assert "has died or does not answer" in errors and "--resume" in errors
    assert state_path(output).exists()
    launched.communicate(timeout=60)


def _ended(launched: subprocess.Popen[str], victim: psutil.Process) -> tuple[str, str]:
    """Wait until the first of the others has ended, and return what was said."""
    others = [child for child in trainers(launched) if child.pid != victim.pid]
    psutil.wait_procs(others, timeout=70)
    with contextlib.suppress(psutil.NoSuchProcess):
        victim.kill()
    return launched.communicate(timeout=60)
