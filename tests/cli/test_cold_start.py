"""What is answered without torch, which takes seconds to import."""

import subprocess
import sys

import pytest

_RUN = """
import sys
from fastst.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    sys.exit(70 if {"torch", "numpy"} & sys.modules.keys() else ended.code)
"""


def run(arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", _RUN, *arguments.split()], capture_output=True, text=True)


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
