"""What is answered without torch, which takes seconds to import."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_RUN = """
import sys
from fastst.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    sys.exit(70 if "SLOW" in sys.modules else ended.code)
"""


def run(arguments: str, *, without: str = "numpy") -> subprocess.CompletedProcess[str]:
    """Run the command; it returns 70 if it imported ``without``, and torch imports numpy."""
    program = _RUN.replace("SLOW", without)
    return subprocess.run([sys.executable, "-c", program, *arguments.split()], capture_output=True, text=True)


@pytest.mark.parametrize("arguments", ["styles", "styles --json", "styles --help", "stylize --help"])
def test_lists_and_help_come_without_torch(arguments: str) -> None:
    done = run(arguments)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        "stylize a.jpg -o b.png -s stary",
        "stylize a.jpg -o b.png -s starry-night:0.5+stary",
        "video a.mp4 -o b.mp4 -s stary",
        "sheet a.jpg -o b.png -s starry-night -s stary",
        "webcam -s stary",
        "export stary -o a.onnx",
        "bench stary",
        "evaluate stary",
        "train a.jpg -o b.safetensors --init stary",
        "styles remove stary",
    ],
)
def test_a_mistyped_style_is_told_without_torch(arguments: str) -> None:
    done = run(arguments)
    assert done.returncode == 2, done.stderr
    assert "stary: no" in done.stderr and done.stderr.count("\n") == 1


def test_a_photo_is_repainted_without_torch_from_the_second_time_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "cache"))
    Image.effect_noise((64, 48), 50).convert("RGB").save(tmp_path / "photo.png")

    first = run(f"stylize {tmp_path}/photo.png -o {tmp_path}/first.png", without="torch")
    second = run(f"stylize {tmp_path}/photo.png -o {tmp_path}/second.png", without="torch")

    assert (first.returncode, second.returncode) == (70, 0), second.stderr
    pictures = [np.asarray(Image.open(tmp_path / name)).astype(int) for name in ("first.png", "second.png")]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1

    for options in ("--feather 5", "--region rest:great-wave"):  # these are refused beside a style, as ever
        refused = run(
            f"stylize {tmp_path}/photo.png -o {tmp_path}/third.png -s starry-night {options}",
            without="nothing",
        )
        assert refused.returncode == 2, refused.stderr
