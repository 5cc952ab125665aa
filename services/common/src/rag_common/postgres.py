"""PostgreSQL: a pool, queries by name, and one short traced transaction per call."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any, LiteralString, cast

import psycopg
from opentelemetry.trace import SpanKind
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import SecretStr

from rag_common.errors import Unavailable
from rag_common.telemetry import mark_failed, tracer

ACQUIRE_TIMEOUT_S = 1.0
STATEMENT_TIMEOUT_MS = 10_000

Connection = psycopg.AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]
Params = Mapping[str, Any]


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or is busy; try again."""

    code = "database_unavailable"


def with_password(url: SecretStr, password: SecretStr) -> str:
    """The connection string with this password, unless it is empty or the URL brings one of its own.

    All else in the URL stays, `sslmode` and `sslrootcert` too.
    """
    dsn, secret = url.get_secret_value(), password.get_secret_value()
    if not secret or conninfo_to_dict(dsn).get("password"):
        return dsn
    return make_conninfo(dsn, password=secret)


@asynccontextmanager
async def open_pool(
    dsn: str, size: int = 8, statement_timeout_ms: int = STATEMENT_TIMEOUT_MS
) -> AsyncIterator[Pool]:
    """A pool that opens lazily, so that a service starts and reports while PostgreSQL is away."""
    pool: Pool = AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=ACQUIRE_TIMEOUT_S,
        open=False,
        check=AsyncConnectionPool.check_connection,
        kwargs={"row_factory": dict_row, "options": f"-c statement_timeout={statement_timeout_ms}"},
    )
    await pool.open(wait=False)
    try:
        yield pool
    finally:
        await pool.close()


def load_queries(package: str, file: str = "queries.sql") -> dict[str, LiteralString]:
    """Statements of a `.sql` file by the name in their `-- name:` line."""
    text = resources.files(package).joinpath(file).read_text()
    parts = re.split(r"^-- name: (\w+)\s*$", text, flags=re.MULTILINE)[1:]
    return {name: cast(LiteralString, sql.strip()) for name, sql in zip(parts[::2], parts[1::2], strict=True)}


@asynccontextmanager
async def transaction(pool: Pool, settings: Mapping[str, str]) -> AsyncIterator[Connection]:
    """A connection in one transaction whose `settings` hold only there (row-level security reads them)."""
    try:
        async with pool.connection() as connection:
            await connection.execute(
                "SELECT set_config(name, value, true) FROM unnest(%s::text[], %s::text[]) AS s (name, value)",
                (list(settings), list(settings.values())),
            )
            yield connection
    except (PoolTimeout, psycopg.OperationalError) as error:
        raise DatabaseUnavailable from error


async def check_pool(pool: Pool) -> None:
    """Raises unless PostgreSQL answers."""
    async with transaction(pool, {}) as connection:
        await connection.execute("SELECT 1")


async def run(connection: Connection, name: str, query: LiteralString, params: Params) -> list[DictRow]:
    """Runs one named query under a span of its name; parameters never reach the span."""
    with tracer.start_as_current_span(
        name, kind=SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
    ) as span:
        span.set_attributes({"db.system.name": "postgresql", "db.operation.name": name})
        try:
            cursor = await connection.execute(query, params)
        except psycopg.Error as error:
            mark_failed(span, name, error)
            raise
        return await cursor.fetchall() if cursor.description else []
