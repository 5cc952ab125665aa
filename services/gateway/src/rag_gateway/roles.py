"""Makes the database and its roles, as a superuser or, on a managed PostgreSQL, as a role that may make both."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rag_common.postgres import load_queries

from rag_gateway.settings import MigrationSettings

LOCK = 4_242_001
"""Advisory lock: of several migrations at once, one works and the others wait."""

PATHS = {
    "rag_owner": "rag, queue, public",
    "rag_app": "rag, queue, public",
    "rag_worker": "rag, queue, public",
    "rag_feedback": "feedback",
}


@contextmanager
def step(doing: str, remedy: str) -> Iterator[None]:
    """Turns PostgreSQL's refusal into one line that says what failed and what to do; exit status 1."""
    try:
        yield
    except psycopg.Error as error:
        # Only these two: the statement, which the error may quote, holds a password.
        words = " ".join(filter(None, (error.diag.message_primary, error.diag.message_detail)))
        raise SystemExit(f"migrate: {doing} failed: {words or type(error).__name__}. {remedy}") from None


def make_roles(settings: MigrationSettings, admin: str) -> None:
    """Makes the database and the roles, and sets the roles' passwords; may run again at any time."""
    database = conninfo_to_dict(settings.owner_dsn).get("dbname")
    if not database:
        raise SystemExit("migrate: DATABASE_OWNER_URL names no database; add one, as in postgresql://…/name")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        with step(f"making the database {database}", "DATABASE_ADMIN_URL's role needs CREATEDB, or make it."):
            _execute_generated(connection, "make_database", database=str(database))
        for role, path in PATHS.items():
            password = getattr(settings, f"{role}_password").get_secret_value()
            _make_role(connection, role, path, password)
    with psycopg.connect(make_conninfo(admin, dbname=str(database)), autocommit=True) as connection:
        with step(f"CREATE EXTENSION vector in {database}", "Let a superuser or your provider do it once."):
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        with step(f"letting rag_owner create in {database}", "DATABASE_ADMIN_URL's role must own it."):
            _execute_generated(connection, "owner_may_create")


def _make_role(connection: psycopg.Connection, role: str, path: str, password: str) -> None:
    with step(f"making the role {role}", "DATABASE_ADMIN_URL's role needs CREATEROLE."):
        _execute_generated(connection, "make_role", role=role)
    with step(
        f"changing the role {role}",
        "DATABASE_ADMIN_URL's role needs CREATEROLE and, where another made the role, the ADMIN option on it.",
    ):
        _execute_generated(connection, "take_bypass", role=role)
        _execute_generated(connection, "set_password", role=role, password=password)
        _execute_generated(connection, "set_search_path", role=role, path=path)


def _execute_generated(connection: psycopg.Connection, name: str, **params: str) -> None:
    queries = load_queries("rag_gateway.sql", "bootstrap.sql")
    for (statement,) in connection.execute(queries[name], params).fetchall():
        connection.execute(statement)
