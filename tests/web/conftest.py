"""A stand-in for onnxruntime-web's archive, for tests that write pages and do not open them."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from fastst.web import runtime


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
