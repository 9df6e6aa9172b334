"""A stand-in for the Hugging Face Hub on this machine, with its addresses and layout, and files in memory."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "hf_of_a_test"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """The server; ``files`` holds each repository's files by path."""

    files: dict[str, dict[str, bytes]]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._resolve(with_body=False)

    def do_GET(self) -> None:
        self._resolve(with_body=True)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/validate-yaml":
            return self._answer({"errors": [], "warnings": []})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._refuse(401, "", "Invalid credentials")
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            repository = "/".join(asked[key] for key in ("organization", "name") if asked.get(key))
            self.server.files.setdefault(repository, {})
            return self._answer({"url": f"{self.server.address}/{repository}"})
        _, _, _, user, name, what, _ = self.path.split("/", 6)
        if what == "preupload":
            modes = [
                {"path": file["path"], "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]
            return self._answer({"files": modes})
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                content = base64.b64decode(line["value"]["content"])
                self.server.files[f"{user}/{name}"][line["value"]["path"]] = content
        return self._answer(
            {"commitUrl": f"{self.server.address}/{user}/{name}/commit/1", "commitOid": _COMMIT}
        )

    def _resolve(self, *, with_body: bool) -> None:
        if self.path.startswith("/api/"):
            return self._refuse(404, "RepoNotFound", "Repository not found")
        _, user, name, _, revision, path = self.path.split("/", 5)
        files = self.server.files.get(f"{user}/{name}")
        if files is None:
            return self._refuse(404, "RepoNotFound", "Repository not found")
        if revision not in ("main", _COMMIT):
            return self._refuse(404, "RevisionNotFound", "Invalid rev id")
        if path not in files:
            return self._refuse(404, "EntryNotFound", "Entry not found")
        content = files[path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", _COMMIT)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _answer(self, told: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Serve until the block ends."""
    with Hub(("127.0.0.1", 0), _Answers) as hub:
        hub.files = {}
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        yield hub
        hub.shutdown()
