"""No command but those that fetch opens a connection or asks for an address, and no library reports."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.films import FilmMaker

# What libraries take for a sign that nobody is there to be reported, or for another home.
_DECIDING = ("CI", "PYTEST_CURRENT_TEST", "PYTEST_VERSION", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")

# Runs in the process of the command: every look-up and connection that leaves the machine is written down.
WATCHED = """
import sys
witness = open({witness!r}, "a")
def hook(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect", "socket.sendto"):
        address = arguments[0] if event == "socket.getaddrinfo" else arguments[-1]
        if not isinstance(address, (str, bytes)) or event.startswith("socket.get"):
            print(event, arguments, file=witness, flush=True)
            raise OSError("no connections in this test")
sys.addaudithook(hook)
from fastst.cli import main
main({arguments!r})
"""


def commands(photo: Path, painting: Path, film: Path, vgg: Path, out: Path) -> list[str]:
    weights = f"--loss-network-weights {vgg} --content-layer relu2_1 --style-layers relu1_2 --style-size 64"
    return [
        f"stylize {photo} -s starry-night.film -o {out}/a.png",
        f"stylize {photo} -s starry-night.film --engine onnx -o {out}/b.png",
        f"stylize {photo} -s starry-night.film --engine openvino -o {out}/c.png",
        f"video {film} -s starry-night.film --engine auto -o {out}/d.mp4",
        f"webcam -s starry-night.film --engine openvino --source {film} --headless",
        f"train {painting} -o {out}/e.safetensors --size 64 --steps 1 --width 4 {weights}",
        f"optimize {photo} {painting} -o {out}/f.png --size 48 --steps 1 {weights}",
        f"export starry-night.film -o {out}/g.onnx",
        "bench starry-night.film --size 64x48 --seconds 0.1 --engine openvino --engine onnx",
        f"evaluate starry-night.film --video {film} --size 64 --frames 3",
        f"weights --loss-network-weights {vgg}",
        "styles",
    ]


@pytest.mark.parametrize("number", range(12))
def test_no_connection(
    number: int, photo: Path, painting: Path, make_film: FilmMaker, vgg_file: Path, tmp_path: Path
) -> None:
    arguments = commands(photo, painting, make_film(frames=4), vgg_file, tmp_path)[number].split()
    for word, package in (
        ("openvino", "openvino"),
        ("onnx", "onnxruntime"),
        ("webcam", "cv2"),
        ("evaluate", "cv2"),
    ):
        if any(word in argument for argument in (arguments[0], *arguments[-3:])) and not find_spec(package):
            pytest.skip(f"needs {package}")
    witness, home = tmp_path / "witness", tmp_path / "home"
    home.mkdir()
    code = WATCHED.format(witness=str(witness), arguments=arguments)
    kept = {name: value for name, value in os.environ.items() if name not in _DECIDING}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env={**kept, "HOME": str(home), "FASTST_CACHE": str(tmp_path / "cache")},
    )
    assert done.returncode == 0, done.stderr
    assert witness.read_text() == ""
    # Where reports are prepared, an id is kept; what is sent by native code no hook sees.
    kept_ids = ("intel", "microsoft", "deviceid", "telemetry")
    assert not [file for file in home.rglob("*") if any(word in str(file).lower() for word in kept_ids)]


def test_the_environment_is_set_before_any_library_and_a_users_own_stays() -> None:
    code = "import fastst, json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "DO_NOT_TRACK": "mine"},
    )
    environment = json.loads(done.stdout)
    assert environment["DO_NOT_TRACK"] == "mine"
    assert environment["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert environment["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert environment["ORT_DISABLE_TELEMETRY"] == "1"
    assert environment["RAY_USAGE_STATS_ENABLED"] == "0"
