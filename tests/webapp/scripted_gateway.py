"""A gateway that speaks the HTTP contract from a script, on a real port; tests/browser meets the real one."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.webapp.scripted_answers import Script, error, lines


class ScriptedGateway(ThreadingHTTPServer):
    """Answers by `script`; remembers what it was sent and who hung up."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.script = Script()
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def last(self, path: str) -> tuple[dict[str, str], Any]:
        """Headers and body of the latest request to a path."""
        return next((headers, body) for _, to, headers, body in reversed(self.seen) if to.startswith(path))


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: ScriptedGateway

    def do_GET(self) -> None:
        self._remember(None)
        script = self.server.script
        if script.error and script.status == 401:
            self._reply(script.status, script.error)
        elif self.path.startswith("/v1/collections"):
            counts = {"description": "", "readers": [], "documents": script.documents, "chunks": 80}
            self._reply(
                200,
                {"data": [{"name": "docs", **counts}, {"name": "handbook", **counts}], "next_cursor": None},
            )
        elif script.content is None:
            self._reply(404, error("not_found", "There is nothing here that you may see; check the id."))
        else:
            query = dict(pair.split("=") for pair in self.path.partition("?")[2].split("&"))
            self._reply(200, {"text": script.content[int(query["start"]) : int(query["end"])]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._remember(body)
        if self.path == "/v1/feedback":
            self._reply(201, {"id": "f1"})
        elif self.server.script.error:
            self._reply(self.server.script.status, self.server.script.error)
        else:
            self._stream(body)

    def do_DELETE(self) -> None:
        self._remember(None)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _remember(self, body: Any) -> None:
        self.server.seen.append(
            (self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        )

    def _reply(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body: Any) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            for line in self.server.script.raw or lines(self.server.script, body):
                self.wfile.write(f"{line}\n\n".encode())
                self.wfile.flush()
                time.sleep(self.server.script.pause_s)
        except OSError:
            self.server.hung_up.set()


@contextmanager
def serve(port: int = 0) -> Iterator[ScriptedGateway]:
    """A scripted gateway in a thread."""
    gateway = ScriptedGateway(port)
    thread = threading.Thread(target=gateway.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield gateway
    gateway.shutdown()
    gateway.server_close()
    thread.join()
