"""A page in a browser, and a stand-in for onnxruntime-web's archive for pages that are not opened."""

import base64
import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fastst.errors import FaststError
from fastst.web import runtime
from fastst.web.export import export_web
from tests.web.browsing import Witness, browser, served


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive with members of the right names, which is taken for the published one."""
    path = tmp_path / "given" / runtime.ARCHIVE
    path.parent.mkdir()
    with tarfile.open(path, "w:gz") as tar:
        for member in runtime._MEMBERS.values():
            content = f"stands for {member}".encode()
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    monkeypatch.setattr(runtime, "SHA512", digest)
    return path


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        archive = runtime.runtime_archive()
    except FaststError as error:
        pytest.skip(f"needs onnxruntime-web: {error}")
    folder = tmp_path_factory.mktemp("web") / "page"
    export_web(["starry-night", "the-scream"], folder, runtime=archive)
    with served(folder) as found:
        yield found


@pytest.fixture(scope="package")
def witness() -> Iterator[Witness]:
    found = Witness()
    yield found
    found.close()


@pytest.fixture(scope="package")
def chromium(witness: Witness) -> Iterator[Any]:
    with browser(witness) as started:
        yield started
