"""A video that is stopped on the way, through the real command line."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from fastst.errors import FaststError
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import VideoProgress, stylize_film
from tests.films import FilmMaker, packets

WAIT_SECONDS = 120


def start(film: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "fastst", "video", str(film), "-s", "starry-night", "-o", str(out)]
    command += ["--engine", "torch"]  # choosing the fastest takes seconds
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + WAIT_SECONDS
    # The temporary file grows as soon as the encoder gives its first packets out.
    while not any(file.stat().st_size > 2000 for file in out.parent.glob(".fastst-*")):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.05)
    return process


@pytest.fixture
def long_film(make_film: FilmMaker) -> Path:
    def noise(number: int, width: int, height: int) -> NDArray[np.uint8]:
        return np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)

    return make_film(
        frames=120, size=(160, 120), sound=True, picture_of=noise, options={"preset": "ultrafast"}
    )


def test_ctrl_c_leaves_the_film_so_far(long_film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = start(long_film, out)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 130
    assert "stopped: the video so far is kept" in said and "Traceback" not in said
    with av.open(str(out)) as film:
        assert 0 < sum(1 for _ in film.decode(video=0)) < 120
    copied = packets(out, "audio")
    assert copied == packets(long_film, "audio")[: len(copied)]
    assert not list(tmp_path.glob(".fastst-*"))


def test_whoever_calls_may_stop_it_too(long_film: Path, identity: Stylizer, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done: list[VideoProgress] = []
    result = stylize_film(
        identity, long_film, out, on_progress=done.append, should_stop=lambda: len(done) == 7
    )
    assert result.stopped and result.frames == 7
    with av.open(str(out)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 7


def test_stopped_before_the_first_frame_there_is_no_film(
    long_film: Path, identity: Stylizer, tmp_path: Path
) -> None:
    with pytest.raises(FaststError, match="stopped before its first frame"):
        stylize_film(identity, long_film, tmp_path / "out.mp4", should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == [long_film]


def test_a_kill_leaves_nothing_under_the_final_name(long_film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    process = start(long_film, out)
    process.kill()
    process.communicate(timeout=WAIT_SECONDS)
    assert not out.exists()
