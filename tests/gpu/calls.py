"""HTTP with nothing but the standard library."""

import json
import socket
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def get(url: str) -> Any:
    """The JSON reply, `{}` for an empty one, and None unless the answer is 200."""
    try:
        with urlopen(url, timeout=10) as reply:
            return json.loads(reply.read() or b"{}")
    except (URLError, ConnectionError, TimeoutError):
        return None


def post(url: str, body: dict[str, Any]) -> Any:
    """The JSON reply; raises HTTPError unless the answer is 200."""
    request = Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=120) as reply:
        return json.loads(reply.read())
