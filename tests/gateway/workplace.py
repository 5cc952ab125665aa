"""A gateway over a database of its own, and workers that a test starts and ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
import psycopg

from tests.conftest import BOOTSTRAP_KEY, PEPPER, Database
from tests.gateway.conftest import TOKEN
from tests.real_embedder import RunningEmbedder
from tests.served import free_port, served

LARGE = "\n\n".join(f"## Part {n}\n\nThe anchor number {n} weighs {n % 97} pounds." for n in range(800))


@dataclass(frozen=True)
class Workplace:
    """A gateway over a database of its own, in which no worker runs yet."""

    http: httpx.Client
    environment: dict[str, str]
    database: Database

    def upload(self, text: str = LARGE) -> str:
        """The job of a document, without a text of one that takes seconds to read."""
        name = f"worker-{uuid4().hex[:8]}"
        self.http.post("/v1/collections", json={"name": name}).raise_for_status()
        reply = self.http.post(f"/v1/collections/{name}/documents", json={"text": text})
        return str(reply.json()["job_id"])

    def wait_for_stage(self, job: str, stage: str) -> None:
        """Returns once the job has reached a stage."""
        wait_until(lambda: self.http.get(f"/v1/jobs/{job}").json()["stage"] == stage)

    def deaths(self, job: str) -> int:
        """Starts of a job of which nobody told the end, in tenths."""
        with psycopg.connect(self.database.dsn("owner")) as owner:
            (deaths,) = owner.execute("SELECT deaths FROM jobs WHERE id = %s", (job,)).fetchone() or (-1,)
        return int(deaths)


def wait_until(holds: Callable[[], bool], within_s: float = 60) -> None:
    """Returns once something holds."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def running_workplace(postgres: str, embedder: RunningEmbedder, name: str) -> Iterator[Workplace]:
    """A gateway over a new database of this name; each test brings workers."""
    database = Database(postgres, name=name)
    database.migrate()
    shared = {"SERVICE_TOKEN": TOKEN, "API_KEY_PEPPER": PEPPER, "EMBEDDER_URL": embedder.url}
    app = shared | {"DATABASE_URL": database.dsn("app"), "OPERATIONS_PORT": str(free_port())}
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with (
        served(sys.executable, "rag_gateway", app) as url,
        httpx.Client(base_url=url, headers=headers, timeout=30) as http,
    ):
        yield Workplace(http, shared | {"DATABASE_URL": database.dsn("worker")}, database)


@contextmanager
def worker(workplace: Workplace, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A worker that is ready, and the address of its operations port."""
    port = free_port()
    environment = os.environ | workplace.environment | {"OPERATIONS_PORT": str(port)} | more
    process = subprocess.Popen([sys.executable, "-m", "rag_gateway.worker"], env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: status_of(f"{url}/readyz")[0] == 200)
        yield process, url
    finally:
        process.kill()
        process.wait()


def status_of(url: str) -> tuple[int, str]:
    """HTTP status and what it says; 0 while nobody listens."""
    try:
        reply = httpx.get(url)
    except httpx.TransportError:
        return 0, ""
    return reply.status_code, str(reply.json()["status"])
