"""The studio's server: whom it answers, and what it refuses to begin with."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("gradio")

from fastapi.testclient import TestClient
from PIL import Image

import fastst
from fastst.errors import UsageError
from fastst.studio import StudioSettings
from fastst.studio import workplace as workplace_module
from fastst.studio.server import build_app
from fastst.studio.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    opened = Workplace(StudioSettings(), tmp_path)
    with opened.closing:
        yield opened


def test_the_page_may_load_nothing_from_elsewhere_and_names_nobody(workplace: Workplace) -> None:
    with TestClient(build_app(workplace), base_url="http://127.0.0.1") as client:
        answer = client.get("/")
        assert answer.status_code == 200 and "fastst studio" in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        for service in ("googleapis", "gstatic", "cdnjs", "huggingface.co"):
            assert service not in answer.text


def test_a_page_whose_name_was_made_to_lead_here_is_not_served(workplace: Workplace) -> None:
    with TestClient(build_app(workplace), base_url="http://elsewhere.example") as client:
        assert client.get("/").status_code == 400


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"port": 70000}, "port"),
        ({"max_upload": 0}, "max_upload"),
        ({"portt": 1}, "portt: there is no such setting"),
        ({"host": "no.such.host.invalid"}, "no.such.host.invalid: cannot listen"),
    ],
)
def test_settings_that_cannot_be_are_named(settings: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fastst.run_studio(**settings)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"cannot listen on port {port}"):
            fastst.run_studio(port=port)


def test_arrow_stays_out_of_the_process(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, fastst.studio as studio; folder = pathlib.Path(sys.argv[1]); "
        "studio._check_gradio(folder); from fastst.studio.server import build_app; "
        "build_app(studio.server.Workplace(studio.StudioSettings(), folder)); "
        "sys.exit('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode == 0


class TestWorkplace:
    def test_the_same_picture_is_kept_once_and_the_oldest_of_many_go(
        self, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(workplace_module, "_MOST_KEPT", 3)
        files = [
            workplace.keep(Image.new("RGB", (4, 4), (step, 0, 0)), quality=95) for step in (0, 50, 99, 0)
        ]
        assert files[0] == files[3]
        newest = workplace.keep(Image.new("RGB", (4, 4), (200, 0, 0)), quality=95)
        left = {str(path) for path in workplace.folder.glob("*.jpg")}
        assert left == {files[2], files[0], newest}

    def test_results_of_past_days_go(self, workplace: Workplace) -> None:
        old, new = workplace.new_folder(), workplace.new_folder()
        (old / "video.mp4").touch()
        os.utime(old, times=(0, time.time() - 2 * 24 * 3600))
        workplace.new_folder()
        assert new.exists() and not old.exists()

    def test_messages_name_uploads_as_they_were_called(self, workplace: Workplace) -> None:
        message = f"{workplace.folder}/0a1b/my photo.jpg: is empty"
        assert workplace.without_folders(message) == "my photo.jpg: is empty"
