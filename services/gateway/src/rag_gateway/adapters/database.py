"""Transactions in the caller's name, and the gateway's queries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString

from rag_common.postgres import Connection, Pool, load_queries, transaction

from rag_gateway.keys import Caller


def queries(file: str) -> dict[str, LiteralString]:
    """The named statements of one file of `rag_gateway.sql`."""
    return load_queries("rag_gateway.sql", file)


@asynccontextmanager
async def as_caller(pool: Pool, caller: Caller, **more: str) -> AsyncIterator[Connection]:
    """A transaction that sees what the caller may see; `more` are further settings of PostgreSQL."""
    settings = {"app.tenant": str(caller.tenant_id), "app.principals": ",".join(caller.reads_as), **more}
    async with transaction(pool, settings) as connection:
        yield connection
