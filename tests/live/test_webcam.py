"""The real command line on a video as the camera."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from torch import nn

pytest.importorskip("cv2", exc_type=ImportError)

from fastst.cli import main
from fastst.live.sources import PlayedFilm
from fastst.runtime import load_opencv
from fastst.stylize.stylizer import Stylizer
from fastst.video.conversion import stylize_film
from fastst.video.settings import VideoSettings

# Choosing the fastest engine takes seconds, and says which it is.
TORCH = ["--engine", "torch"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of 160x120 at 20 frames a second, brighter from frame to frame."""
    folder = tmp_path_factory.mktemp("clip")
    (folder / "in").mkdir()
    for number in range(20):
        Image.fromarray(np.full((120, 160, 3), 10 * number, np.uint8)).save(folder / "in" / f"{number}.png")
    identity = Stylizer(nn.Identity(), {}, device="cpu")
    stylize_film(identity, folder / "in", folder / "clip.mp4", VideoSettings(fps=20))
    return folder / "clip.mp4"


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fastst", "webcam", "-s", "starry-night", *TORCH, *map(str, arguments)]
    clean = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**clean, **environment})


def test_a_film_plays_in_its_own_time_and_may_loop(clip: Path) -> None:
    film = PlayedFilm(str(clip), loop=True)
    assert (film.width, film.height, film.fps) == (160, 120, 20)
    began = time.monotonic()
    levels = [int(picture.mean()) for picture in (film.read() for _ in range(25)) if picture is not None]
    film.close()
    assert time.monotonic() - began >= 24 / 20 - 0.01
    assert levels[:20] == pytest.approx(range(0, 200, 10), abs=4)
    assert levels[20:] == pytest.approx(range(0, 50, 10), abs=4)


def test_a_film_without_loop_ends(clip: Path) -> None:
    film = PlayedFilm(str(clip))
    for _ in range(20):
        assert film.read() is not None
    assert film.read() is None
    film.close()


def test_headless_with_a_recording(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    done = run("--source", clip, "--headless", "--size", "64", "--json", "--record", out)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert 0 < report["frames"] <= 20
    assert report["frames"] + report["dropped"] == 20
    assert (report["width"], report["height"], report["style"]) == (64, 48, "starry-night")
    with av.open(str(out)) as film:
        assert 0 < sum(1 for _ in film.decode(video=0)) <= report["frames"]


@pytest.mark.parametrize(
    ("arguments", "code", "said", "display"),
    [
        (["--source", "{clip}"], 2, "no display", ""),
        (["--source", "{clip}"], 2, "does not answer", ":987"),
        (["--source", "none.mp4", "--headless"], 1, "no such file", ""),
        (["--source", "99", "--headless"], 1, "camera 99", ""),
        (["--source", "{clip}", "--headless", "--size", "64", "--fps", "30"], 2, "not both", ""),
        (["--source", "{clip}", "--headless", "--record", "out.xyz"], 2, "xyz", ""),
    ],
)
def test_mistakes_in_one_line(
    clip: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
    display: str,
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(SystemExit) as exit_:
        main(
            ["webcam", "-s", "starry-night", *TORCH, *(argument.format(clip=clip) for argument in arguments)]
        )
    out, err = capfd.readouterr()
    assert (exit_.value.code, out) == (code, "")
    assert said in err and err.count("\n") == 1


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no X server to open a window on")
def test_a_real_window(clip: Path, tmp_path: Path) -> None:
    if not load_opencv("the test", "webcam").currentUIFramework():
        pytest.skip("this OpenCV has no windows")
    # -displayfd lets the server choose a free number and say which.
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        display = ":" + server.stdout.readline().decode().strip()
        done = run("--source", clip, "--loop", "--size", "64", "--seconds", "2", "--json", DISPLAY=display)
    finally:
        server.terminate()
        server.wait()
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["frames"] > 0
