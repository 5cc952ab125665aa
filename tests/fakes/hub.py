"""A fake Hugging Face hub: real HTTP on loopback, as much of its API as a download asks for."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c0ffee" + "0" * 34
LARGE_BYTES = 1_000
"""From this size on a file is stored as the hub stores large ones: with its sha256 in the listing."""

TOKEN = "hf_fake"


@dataclass
class Repository:
    """One model: its files, whether they are given to TOKEN alone, which arrive as zeros, and false sizes."""

    files: dict[str, bytes]
    gated: bool = False
    damaged: set[str] = field(default_factory=set)
    said_bytes: dict[str, int] = field(default_factory=dict)


class FakeHub(ThreadingHTTPServer):
    """Knobs: `repositories`, and `status`, with which every request is answered when it is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, Repository] = {}
        self.status: int | None = None
        self.sent: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: FakeHub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        if self.server.status is not None:
            return self._send(self.server.status, b"", {}, body)
        path = self.path.partition("?")[0]
        if listed := re.fullmatch(r"/api/models/([\w-]+/[\w.-]+)/revision/(.+)", path):
            return self._about(listed[1], listed[2], None, body)
        if resolved := re.fullmatch(r"/([\w-]+/[\w.-]+)/resolve/([^/]+)/(.+)", path):
            return self._about(resolved[1], resolved[2], resolved[3], body)
        return self._send(404, b"", {}, body)

    def _about(self, name: str, revision: str, file: str | None, body: bool) -> None:
        repository = self.server.repositories.get(name)
        if repository is None:
            return self._send(404, b"", {"X-Error-Code": "RepoNotFound"}, body)
        if revision not in ("main", COMMIT):
            return self._send(404, b"", {"X-Error-Code": "RevisionNotFound"}, body)
        if file is None:
            return self._send(200, json.dumps(listing(name, repository)).encode(), {}, body)
        if repository.gated and self.headers["authorization"] != f"Bearer {TOKEN}":
            return self._send(403, b"", {"X-Error-Code": "GatedRepo"}, body)
        content = repository.files[file]
        about = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        if body:
            self.server.sent.append(file)
        if file in repository.damaged:
            content = bytes(len(content))
        return self._send(200, content, about, body)

    def _send(self, status: int, content: bytes, headers: dict[str, str], body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def listing(name: str, repository: Repository) -> dict[str, Any]:
    """What the hub's API says of a model, with the files' metadata."""
    siblings: list[dict[str, Any]] = []
    for file, content in repository.files.items():
        size = repository.said_bytes.get(file, len(content))
        siblings.append({"rfilename": file, "size": size, "blobId": "0" * 40})
        if len(content) >= LARGE_BYTES:
            sha256 = hashlib.sha256(content).hexdigest()
            siblings[-1]["lfs"] = {"sha256": sha256, "size": size, "pointerSize": 134}
    return {"id": name, "sha": COMMIT, "siblings": siblings, "gated": repository.gated}


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    """A hub as long as the block runs."""
    with FakeHub() as hub:
        serving = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            serving.join()
