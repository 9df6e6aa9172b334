import base64
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fastst.errors import FaststError
from fastst.loss_network import package_index
from fastst.loss_network.package_index import fetch_file, index_addresses

NAME, CONTENT = "some_thing-1.0.tar.gz", b"an archive" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LOGIN = "Basic " + base64.b64encode(b"me:se@cret").decode()
PAGE = f"""<!DOCTYPE html><a href="../../files/some_thing-1.0-py3-none-any.whl#sha256=00">wheel</a>
<a href="../../files/{NAME}#sha256=00">{NAME}</a>"""


class Index(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers = {"/simple/some-thing/": PAGE.encode(), f"/files/{NAME}": CONTENT}
        found = answers.get(self.path)
        wanted = getattr(self.server, "login", None)
        code = 404 if found is None else 401 if wanted and self.headers["Authorization"] != wanted else 200
        self.send_response(code)
        self.end_headers()
        self.wfile.write(found if found is not None and code == 200 else b"no")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A package index on this machine, the only one that is configured."""
    server = HTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in (*package_index._VARIABLES, *package_index._MORE_VARIABLES, *package_index._CERTIFICATES):
        monkeypatch.delenv(name, raising=False)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(package_index, "_pip_configuration", dict)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield server
    server.shutdown()
    server.server_close()


def fetch(folder: Path, *, sha256: str = DIGEST, largest: int = 10**6, name: str = NAME) -> Path:
    return fetch_file(folder, project="some-thing", name=name, sha256=sha256, largest=largest)


def test_the_file_is_fetched_by_name_and_digest(server: HTTPServer, tmp_path: Path) -> None:
    assert fetch(tmp_path).read_bytes() == CONTENT
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_a_file_with_another_digest_is_refused_and_removed(server: HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(FaststError, match="its sha256 is not abab"):
        fetch(tmp_path, sha256="ab" * 32)
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_or_too_large_is_one_line(server: HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(FaststError, match=r"none\.zip could not be fetched .*has no none\.zip"):
        fetch(tmp_path, name="none.zip")
    with pytest.raises(FaststError, match="too large"):
        fetch(tmp_path, largest=500)


def test_name_and_password_go_to_their_own_host_and_not_into_messages(
    server: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.login = LOGIN  # type: ignore[attr-defined]
    host = f"127.0.0.1:{server.server_port}"
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:se%40cret@{host}/simple")
    assert fetch(tmp_path).read_bytes() == CONTENT
    with pytest.raises(FaststError) as caught:
        fetch(tmp_path, sha256="ab" * 32)
    assert "se%40cret" not in str(caught.value) and "me:***@" in str(caught.value)
    assert "@" not in package_index._with_login_of(f"http://me:x@{host}/simple/a/", "http://other/files/b")


def test_an_index_that_does_not_answer_is_followed_by_the_next(
    server: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert fetch(tmp_path).read_bytes() == CONTENT


def test_the_index_is_the_configured_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*package_index._VARIABLES, *package_index._MORE_VARIABLES):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "prefix"))
    if not Path("/etc/pip.conf").exists():
        assert index_addresses() == ["https://pypi.org/simple"]
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://a/b%20c\nextra-index-url = https://d\n"
    )
    assert index_addresses() == ["https://a/b%20c", "https://d"]
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv")
    assert index_addresses() == ["https://uv", "https://d"]
    monkeypatch.setenv("PIP_INDEX_URL", "file:///etc")
    assert index_addresses() == ["https://d"]
