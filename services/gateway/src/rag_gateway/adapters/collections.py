"""Collections in PostgreSQL."""

from rag_common.errors import Conflict, NotFound
from rag_common.postgres import Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.documents import Collection
from rag_gateway.keys import Caller

_SQL = queries("collections.sql")


class PostgresCollectionStore:
    """Makes and lists collections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(
        self, name: str, description: str, readers: tuple[str, ...], caller: Caller
    ) -> Collection:
        """A new collection; raises Conflict when its name is taken."""
        wanted = {"name": name, "description": description, "readers": list(readers)}
        async with as_caller(self._pool, caller) as connection:
            if not await run(connection, "insert_collection", _SQL["insert_collection"], wanted):
                raise Conflict(f"There is a collection `{name}` already.", code="collection_exists")
        return await self.collection(name, caller)

    async def collections(
        self, caller: Caller, *, limit: int, after: str | None = None, name: str | None = None
    ) -> list[Collection]:
        """Collections that the caller may read, by name."""
        wanted = {"name": name, "after": after, "limit": limit}
        async with as_caller(self._pool, caller) as connection:
            rows = await run(connection, "list_collections", _SQL["list_collections"], wanted)
        return [Collection(**{**row, "readers": tuple(row["readers"])}) for row in rows]

    async def collection(self, name: str, caller: Caller) -> Collection:
        """One collection; raises NotFound for one that the caller may not read."""
        found = await self.collections(caller, limit=1, name=name)
        if not found:
            raise NotFound(f"There is no collection `{name}`.", code="collection_not_found")
        return found[0]
