"""A gateway of documents that answers by a script, on a real port; tests/stack meets the real one."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.webapp.scripted_answers import error, source

MOMENT = "2026-01-01T00:00:00+00:00"


def document(n: int, **fields: Any) -> dict[str, Any]:
    """Document `n` as the contract writes it, ready."""
    return {
        **{
            "id": f"d{n}",
            "collection": "docs",
            "title": f"Document {n}",
            "uri": None,
            "external_id": f"{n}.md",
        },
        **{"metadata": {}, "readers": [], "version": 1, "latest_version": 1, "job_id": f"j{n}"},
        **{"status": "succeeded", "error": None, "file_name": f"{n}.md", "media_type": "text/markdown"},
        **{
            "notices": [],
            "size_bytes": 1200,
            "sha256": "ab" * 32,
            "created_at": MOMENT,
            "updated_at": MOMENT,
            **fields,
        },
    }


def job(n: int, **fields: Any) -> dict[str, Any]:
    """The job of document `n`, running."""
    return {
        **{
            "id": f"j{n}",
            "document_id": f"d{n}",
            "version": 1,
            "status": "running",
            "stage": "embed",
            "done": 1,
        },
        **{"total": 4, "queue_position": None, "eta_s": 30, "error": None, "created_at": MOMENT, **fields},
    }


class ScriptedLibrary(ThreadingHTTPServer):
    """Lists `documents` in pages, and `jobs`; `answers` stand for the next uploads, then all are taken."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scopes = ["act_as", "chat", "feedback", "ingest"]
        self.collections = ["docs"]
        self.documents: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        self.refusal: tuple[int, Any] | None = None
        """What a DELETE of a collection gets instead."""
        self.seen: list[tuple[str, str]] = []
        self.uploaded: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: ScriptedLibrary

    def do_GET(self) -> None:
        path, query = self._remember()
        if path == "/v1/me":
            self._reply(200, {"scopes": self.server.scopes})
        elif path == "/v1/collections":
            counts = {"description": "", "documents": len(self.server.documents)}
            self._reply(200, _page([{"name": name, **counts} for name in self.server.collections]))
        elif path.endswith("/documents"):
            at, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
            more = at + limit < len(self.server.documents)
            page = self.server.documents[at : at + limit]
            self._reply(200, {"data": page, "next_cursor": str(at + limit) if more else None})
        elif path == "/v1/jobs":
            status = query.get("status", [""])[0]
            wanted = [job for job in self.server.jobs if status in ("", job["status"])]
            self._reply(200, _page(wanted[: int(query["limit"][0])]))
        else:
            self._reply_about(path.split("/")[3], path)

    def do_POST(self) -> None:
        path, _ = self._remember()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if path == "/v1/search":
            self._reply(200, {"results": [source(1, "make run"), source(2, "three minutes")]})
        elif path.endswith("/documents"):
            self._upload(body)
        else:
            self._reply(200, {})

    def do_DELETE(self) -> None:
        path, _ = self._remember()
        name = path.split("/")[3]
        if self.server.refusal:
            self._reply(*self.server.refusal)
            return
        if path.startswith("/v1/collections/"):
            self.server.collections.remove(name)
        self.server.documents = [each for each in self.server.documents if each["id"] != name]
        self._reply(204, None)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _reply_about(self, document_id: str, path: str) -> None:
        found = [each for each in self.server.documents if each["id"] == document_id]
        if not found:
            self._reply(404, error("not_found", "There is nothing here that you may see; check the id."))
        elif path.endswith("/versions"):
            one = {"version": 1, "status": "succeeded", "error": None, "size_bytes": 9, "created_at": MOMENT}
            one["notices"] = []
            self._reply(200, _page([{**one, "version": 2, "current": True}, {**one, "current": False}]))
        else:
            self._reply(200, found[0])

    def _upload(self, body: bytes) -> None:
        name = re.search(rb'name="external_id"\r\n\r\n(.*?)\r\n', body)
        with self.server.lock:
            self.server.uploaded.append(name[1].decode() if name else "")
            number = len(self.server.uploaded)
            accepted = {"document_id": f"d{number}", "version": 1, "job_id": f"j{number}", "status": "queued"}
            status, reply = self.server.answers.pop(0) if self.server.answers else (202, accepted)
        self._reply(status, reply)

    def _remember(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        self.server.seen.append((self.command, self.path))
        return parts.path, parse_qs(parts.query)

    def _reply(self, status: int, body: object) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _page(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": entries, "next_cursor": None}


@contextmanager
def serve_library(port: int = 0) -> Iterator[ScriptedLibrary]:
    """A scripted gateway of documents in a thread."""
    server = ScriptedLibrary(port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
