"""Names that the shell completes."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("fastst stylize photo.jpg -s star", ["starry-night"]),
        ("fastst stylize photo.jpg -s w", ["water-lilies", "wheat-field", "woman-with-a-hat"]),
        ("fastst video in.mp4 --engine open", ["openvino", "openvino-bf16", "openvino-int8"]),
        ("fastst train painting.jpg --init star", ["starry-night"]),
        ("fastst export star", ["starry-night"]),
        ("fastst sty", ["stylize", "styles"]),
    ],
)
def test_names_are_completed(typed: str, offered: list[str]) -> None:
    environment = {
        **os.environ,
        "_FASTST_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    program = "import sys; sys.argv = ['fastst']; from fastst.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)

    assert done.stdout.split() == offered, done.stderr
