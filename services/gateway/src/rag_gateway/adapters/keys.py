"""API keys in PostgreSQL."""

from rag_common.postgres import Pool, run, transaction

from rag_gateway.adapters.database import queries
from rag_gateway.keys import Caller, StoredKey

_SQL = queries("keys.sql")


class PostgresKeyStore:
    """Finds keys through `authenticate()`, the one function that crosses tenants."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, prefix: str) -> StoredKey | None:
        async with transaction(self._pool, {}) as connection:
            rows = await run(connection, "find_key", _SQL["find_key"], {"prefix": prefix})
        if not rows:
            return None
        row = rows[0]
        caller = Caller(
            row["tenant_id"],
            row["tenant"],
            f"key:{row['id']}",
            frozenset(row["scopes"]),
            tuple(row["principals"]),
            row["trusted_trace"],
        )
        return StoredKey(row["hash"], caller)
