"""A studio that runs as a user's does: a process of its own, with a folder of styles of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import chromium_path
from tests.studio.browser import opened_browser

# As it is imported, Gradio sets variables of other libraries, which tests elsewhere look at.
_BEFORE = dict(os.environ)
with suppress(ImportError):
    import gradio  # noqa: F401
os.environ.clear()
os.environ.update(_BEFORE)


@pytest.fixture(autouse=True)
def _the_environment_stays() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@dataclass(frozen=True)
class Studio:
    """A studio's address, its folder of styles, and its folder for temporary files."""

    address: str
    styles: Path
    temporary: Path


@pytest.fixture(scope="session")
def studio(vgg_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    pytest.importorskip("gradio")
    chromium_path()
    folder = tmp_path_factory.mktemp("studio")
    (folder / "tmp").mkdir()
    environment = {
        **os.environ,
        "FASTST_STYLES": str(folder / "styles"),
        "FASTST_CACHE": str(folder / "cache"),
        "FASTST_LOSS_NETWORK_WEIGHTS": str(vgg_file),
        "TMPDIR": str(folder / "tmp"),
    }
    command = [sys.executable, "-m", "fastst", "studio", "--no-browser", "--max-upload", "20"]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        address = next(word.rstrip(";") for word in said.split() if word.startswith("http"))
        yield Studio(address, folder / "styles", folder / "tmp")
        process.terminate()
        assert process.wait(30) == 0
    # Nothing is left behind, in the temporary folder and where it was started, but torch's own empty cache.
    left = [path.name for path in (folder / "tmp").iterdir()]
    assert not [name for name in left if not name.startswith("torchinductor")]
    assert {path.name for path in folder.iterdir()} <= {"styles", "cache", "tmp"}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with opened_browser() as opened:
        yield opened
