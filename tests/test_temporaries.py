import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fastst.files import atomic_path
from fastst.temporaries import remove_abandoned, temporary_file, temporary_folder

HOLDS = """
import sys, time
from pathlib import Path
from fastst.temporaries import temporary_file, temporary_folder
with temporary_file(Path(sys.argv[1]), suffix=".png"), temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "work").write_text("half")
    print("ready", flush=True)
    time.sleep(60)
"""


def old(folder: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (time.time() - 1000,) * 2)


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    (tmp_path / ".own").touch()
    old(tmp_path)
    remove_abandoned(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3  # two of them in use
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(list(tmp_path.iterdir())) == 3
    # The next that writes there sees them.
    with atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".own", "a.txt"]


def test_what_was_just_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".fastst-0123.png").touch()
    remove_abandoned(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_own_ones_are_locked_against_ourselves(tmp_path: Path) -> None:
    with temporary_file(tmp_path, suffix=".a"), temporary_folder(tmp_path):
        old(tmp_path)
        remove_abandoned(tmp_path)
        assert len(list(tmp_path.iterdir())) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o444])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    with atomic_path(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_text("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", mode)


def test_a_new_file_has_the_permissions_of_any_and_the_umask_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").touch()

    def refuse(mask: int) -> int:
        raise AssertionError("other threads would make files under it")

    monkeypatch.setattr(os, "umask", refuse)
    with atomic_path(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("b" * 251 + ".png")
    with atomic_path(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_saves_a_training_as_ctrl_c_does(
    number: signal.Signals, painting: Path, vgg_file: Path, tmp_path: Path
) -> None:
    small = "--size 64 --style-size 64 --batch 1 --width 4 --content-layer relu2_2 --style-layers relu1_2"
    arguments = f"train {painting} -o {tmp_path}/a.safetensors --loss-network-weights {vgg_file} {small}"
    process = subprocess.Popen(
        [sys.executable, "-m", "fastst", *arguments.split(), "--steps", "100000"],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # under nohup it is ignored
    )
    state, end = tmp_path / "a.state.safetensors", time.monotonic() + 60
    while not state.exists() and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped after step" in said and "--resume" in said
    assert [path.name for path in tmp_path.iterdir()] == ["a.state.safetensors"]
