"""Documents and collections removed from PostgreSQL, as `rag_app`, so that its caller's rights decide."""

from collections.abc import Sequence
from uuid import UUID

from rag_common.errors import Conflict, NotFound
from rag_common.postgres import Connection, Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.keys import Caller

_SQL = queries("removals.sql")
PATIENCE = {"statement_timeout": "100000"}
"""In milliseconds: a large collection takes longer than any question may."""


class PostgresRemovals:
    """Each removal is one transaction, and what it removed is gone from the next request on."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def remove_document(self, document_id: UUID, caller: Caller) -> None:
        async with as_caller(self._pool, caller, **PATIENCE) as connection:
            if not await _remove(connection, document_id=document_id):
                raise NotFound

    async def remove_collection(self, name: str, caller: Caller) -> None:
        async with as_caller(self._pool, caller, **PATIENCE) as connection:
            found = await run(connection, "find_collection", _SQL["find_collection"], {"name": name})
            if not found:
                raise NotFound(f"There is no collection `{name}`.", code="collection_not_found")
            wanted = {"collection_id": found[0]["id"]}
            await _remove(connection, collection_id=wanted["collection_id"])
            (row,) = await run(connection, "remove_empty_collection", _SQL["remove_empty_collection"], wanted)
            if not row["removed"]:
                raise Conflict(
                    f"`{name}` holds documents that you may not read; who may must delete them first.",
                    code="collection_not_empty",
                )


async def _remove(
    connection: Connection, document_id: UUID | None = None, collection_id: int | None = None
) -> bool:
    """Whether there was something to remove; a running job ends by itself once its row is gone."""
    wanted = {"id": document_id, "collection_id": collection_id}
    ids = [row["id"] for row in await run(connection, "lock_documents", _SQL["lock_documents"], wanted)]
    if ids:
        await run(connection, "take_from_statistics", _SQL["take_from_statistics"], {"ids": ids})
        await redact_answers(connection, ids)
        await run(connection, "tell_of_removal", _SQL["tell_of_removal"], {"ids": ids})
        await run(connection, "delete_documents", _SQL["delete_documents"], {"ids": ids})
    return bool(ids)


async def redact_answers(
    connection: Connection, document_ids: Sequence[UUID], answer_id: UUID | None = None
) -> None:
    """Takes what a model wrote from these documents out of the answers, or out of one alone."""
    wanted = {"ids": list(document_ids), "answer_id": answer_id}
    await run(connection, "redact_answers", _SQL["redact_answers"], wanted)
