"""Progress bars fit the terminal and tell what a person waits for."""

import os
import pty
import re
import sys
from pathlib import Path
from subprocess import Popen

import pytest
from rich.cells import cell_len

_TRAINING = """
from fastst.cli.progress import training_progress
from fastst.training.monitor import StepReport
terms = {"content": 0.3, "style": 0.5, "variation": 0.006, "palette": 0.01, "temporal": 0.2, "total": 1.131}
with training_progress() as show:
    for step in (12345, 12346):
        show(StepReport(step, steps=20000, seconds=90.0, share=0.6, images_per_second=123.4, terms=terms))
"""
_PICTURE = """
from pathlib import Path
from fastst.cli.progress import picture_progress
with picture_progress() as show:
    show(Path("a photo with a very long name indeed, from the holidays by the sea of last year.jpg"), 0.25)
"""
_VIDEO = """
from fastst.cli.progress import video_progress
from fastst.video.conversion import VideoProgress
with video_progress() as show:
    show(VideoProgress(frames=123456, total=234567, seconds=1000.0))
"""


def _shown_on_a_terminal(program: str, folder: Path) -> list[str]:
    """The lines that a program writes to a terminal of 80 columns, without control codes."""
    reader, terminal = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    with Popen([sys.executable, "-c", program], stderr=terminal, cwd=folder, env=environment) as process:
        os.close(terminal)
        written = b""
        while True:
            try:
                part = os.read(reader, 4096)
            except OSError:  # Linux says so at the end
                break
            if not part:
                break
            written += part
    os.close(reader)
    assert process.returncode == 0, written
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode())
    return [line for line in re.split(r"[\r\n]+", plain) if line.strip()]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (_TRAINING, ["12346/20000", "loss 1.131", "123.4 img/s"]),
        (_PICTURE, ["a photo with a very", "25 %"]),
        (_VIDEO, ["123456/234567", "123.5 fps"]),
    ],
)
def test_fits_eighty_columns_with_the_time_left(program: str, told: list[str], tmp_path: Path) -> None:
    lines = _shown_on_a_terminal(program, tmp_path)

    assert max(map(cell_len, lines)) <= 80
    last = lines[-1]
    assert all(text in last for text in told)
    assert re.search(r"\d:\d\d:\d\d +(\d:\d\d:\d\d|-:--:--)", last)  # gone, and left
