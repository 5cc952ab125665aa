"""Our own services as processes on free ports, for tests that speak real HTTP to them."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def served(
    python: str | Path,
    module: str,
    environment: Mapping[str, str],
    *,
    until: str = "/readyz",
    within_s: float = 120,
    port_variable: str = "PORT",
    port: int | None = None,
) -> Iterator[str]:
    """The address of `python -m module` once `until` answers 200; in the end SIGTERM must make it exit 0."""
    port = port or free_port()
    process = subprocess.Popen(
        [python, "-m", module], env=os.environ | environment | {port_variable: str(port)}
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url + until, process, time.monotonic() + within_s)
        yield url
    finally:
        process.terminate()
        status = process.wait(30)
    assert status == 0, f"{module} exited with {status} after SIGTERM"


def _wait(url: str, process: subprocess.Popen[bytes], deadline: float) -> None:
    while time.monotonic() < deadline:
        assert process.poll() is None, f"exited with {process.returncode} before {url} answered"
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer 200")
