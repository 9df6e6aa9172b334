import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from fastst.errors import FaststError
from fastst.web import runtime
from fastst.web.runtime import ARCHIVE, registry_address, runtime_archive, runtime_files


class Registry(BaseHTTPRequestHandler):
    asked: list[str]
    content: bytes

    def do_GET(self) -> None:
        self.asked.append(self.path)
        is_there = self.path == f"/npm/onnxruntime-web/-/{ARCHIVE}"
        self.send_response(200 if is_there else 404)
        self.end_headers()
        self.wfile.write(self.content if is_there else b"no")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def registry(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Registry]]:
    """A registry on this machine that has the archive, and an empty cache."""
    handler = type("Handler", (Registry,), {"asked": [], "content": archive.read_bytes()})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://127.0.0.1:{server.server_port}/npm/")
    monkeypatch.setenv("FASTST_CACHE", str(tmp_path / "cache"))
    yield handler
    server.shutdown()
    server.server_close()


def test_the_archive_is_fetched_once(registry: type[Registry], archive: Path, tmp_path: Path) -> None:
    for _ in range(2):
        found = runtime_archive()
        assert found.read_bytes() == archive.read_bytes()
    assert registry.asked == [f"/npm/onnxruntime-web/-/{ARCHIVE}"]
    assert [file.name for file in (tmp_path / "cache").iterdir()] == [ARCHIVE]


def test_a_damaged_archive_in_the_cache_is_fetched_again(registry: type[Registry], archive: Path) -> None:
    runtime_archive().write_bytes(b"damaged")
    assert runtime_archive().read_bytes() == archive.read_bytes()


def test_a_changed_archive_is_refused_and_not_kept(registry: type[Registry], tmp_path: Path) -> None:
    registry.content += b"more"
    with pytest.raises(FaststError, match=r"its sha512 differs .*--runtime"):
        runtime_archive()
    assert not list((tmp_path / "cache").iterdir())


def test_without_a_registry_the_cure_is_named(
    registry: type[Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9")
    with pytest.raises(FaststError, match=r"cannot be fetched .*`npm pack onnxruntime-web@.*--runtime"):
        runtime_archive()


def test_a_given_archive_is_checked(archive: Path, tmp_path: Path) -> None:
    assert runtime_archive(archive) == archive
    other = tmp_path / "other.tgz"
    other.write_bytes(b"something else")
    with pytest.raises(FaststError, match=r"other\.tgz: is not onnxruntime-web-.* its sha512 differs"):
        runtime_archive(other)
    with pytest.raises(FaststError, match="no such file"):
        runtime_archive(tmp_path / "none.tgz")


def test_webassembly_is_packed_and_modules_are_not(archive: Path) -> None:
    files = dict(runtime_files(archive))
    assert set(files) == {"wasm.js", "wasm.gz", "webgpu.js", "webgpu.gz"}
    assert files["wasm.js"] == b"stands for package/dist/ort.wasm.bundle.min.mjs"
    assert gzip.decompress(files["wasm.gz"]) == b"stands for package/dist/ort-wasm-simd-threaded.wasm"


def test_the_registry_is_npms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in runtime._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert registry_address() == runtime._PUBLIC
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://npm.example.org/\n")
    assert registry_address() == "https://npm.example.org"
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://other.example.org")
    assert registry_address() == "https://other.example.org"
