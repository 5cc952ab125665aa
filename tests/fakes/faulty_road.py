"""A road to a real gateway that loses, refuses or counts requests as it is told."""

import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx

EXTERNAL_ID = re.compile(rb'name="external_id"\r\n\r\n(.*?)\r\n')
Fault = Literal["break before", "break after", "busy", "refused"]


@dataclass
class Road:
    """What shall happen to the next uploads, what was sent, and every request by method and path."""

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    sent: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)


def _handler(road: Road, client: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._forward(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found = EXTERNAL_ID.search(body)
            if found is None:
                return self._forward(body)
            fault = road.faults.popleft() if road.faults else None
            if fault == "busy":
                return self._answer(503, b"{}", {"retry-after": "1"})
            if fault == "refused":
                return self._answer(403, b'{"error": {"message": "The key lacks the scope `ingest`."}}', {})
            if fault == "break before":
                return self._break()
            road.sent[found[1].decode()] += 1
            return self._forward(body, lost=fault == "break after")

        def _forward(self, body: bytes, lost: bool = False) -> None:
            road.asked[f"{self.command} {self.path.partition('?')[0]}"] += 1
            kept = ("authorization", "content-type")
            headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
            reply = client.request(self.command, self.path, content=body, headers=headers)
            if lost:
                return self._break()
            return self._answer(reply.status_code, reply.content, dict(reply.headers))

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name in ("retry-after", "content-type"):
                if name in headers:
                    self.send_header(name, headers[name])
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _break(self) -> None:
            self.close_connection = True

        def log_message(self, *words: object) -> None:
            return

    return Handler


@contextmanager
def faulty_road(to: str) -> Iterator[Road]:
    """A road that listens on a free port of this machine."""
    road = Road()
    with (
        httpx.Client(base_url=to, timeout=60) as client,
        ThreadingHTTPServer(("127.0.0.1", 0), _handler(road, client)) as server,
    ):
        road.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield road
        finally:
            server.shutdown()
            thread.join()
