"""Documents and their versions read from PostgreSQL, as `rag_app`."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from rag_common.errors import NotFound
from rag_common.postgres import Connection, Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.jobs import error_of
from rag_gateway.documents import Content, Document, File, Place, Version
from rag_gateway.keys import Caller

_SQL = queries("documents.sql")
MOST_CHARACTERS = 200_000
"""Characters of parsed text in one reply."""


class PostgresDocuments:
    """Reads what the caller may read; everything else is NotFound."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def documents(
        self,
        caller: Caller,
        *,
        limit: int,
        document_id: UUID | None = None,
        collection: str | None = None,
        before: Place | None = None,
    ) -> list[Document]:
        """The newest first."""
        time, last = before or (None, None)
        wanted = {"id": document_id, "collection": collection, "before": time, "before_id": last}
        async with as_caller(self._pool, caller) as connection:
            if collection and not await _run(connection, "find_collection", {"name": collection}):
                raise NotFound(f"There is no collection `{collection}`.", code="collection_not_found")
            rows = await _run(connection, "list_documents", {**wanted, "limit": limit})
        return [_document(row) for row in rows]

    async def document(self, document_id: UUID, caller: Caller) -> Document:
        """One document."""
        found = await self.documents(caller, limit=1, document_id=document_id)
        if not found:
            raise NotFound
        return found[0]

    async def content(
        self, document_id: UUID, caller: Caller, version: int | None, start: int, end: int | None
    ) -> Content:
        """Parsed text of a version, at most 200,000 characters; raises NotFound when it is gone."""
        length = min(MOST_CHARACTERS, MOST_CHARACTERS if end is None else max(0, end - start))
        wanted = {"id": document_id, "version": version, "start": start, "length": length}
        async with as_caller(self._pool, caller) as connection:
            rows = await _run(connection, "read_content", wanted)
        if not rows:
            raise NotFound
        return Content(document_id=document_id, start=start, **rows[0])

    async def versions(
        self, document_id: UUID, caller: Caller, *, limit: int, before: int | None = None
    ) -> list[Version]:
        """The newest first."""
        async with as_caller(self._pool, caller) as connection:
            if not await _run(connection, "find_document", {"id": document_id}):
                raise NotFound
            wanted = {"id": document_id, "before": before, "limit": limit}
            rows = await _run(connection, "list_versions", wanted)
        return [_version(row) for row in rows]

    async def file(self, document_id: UUID, caller: Caller, version: int | None) -> File:
        """The bytes of a version, without one the latest that is kept."""
        async with as_caller(self._pool, caller) as connection:
            found = await _run(connection, "find_file", {"id": document_id, "version": version})
        if not found:
            raise NotFound
        key = {"id": document_id, "version": found[0]["version"]}
        return File(found[0]["name"], found[0]["size_bytes"], self._parts(caller, key))

    async def _parts(self, caller: Caller, key: dict[str, Any]) -> AsyncIterator[bytes]:
        """A connection is borrowed for each part, not while a slow client reads; a removed file breaks off."""
        number = 0
        while True:
            async with as_caller(self._pool, caller) as connection:
                rows = await _run(connection, "read_part", {**key, "part": number})
            if not rows:
                return
            yield rows[0]["bytes"]
            number += 1


def _document(row: dict[str, Any]) -> Document:
    named = {
        **row,
        "readers": tuple(row["readers"]),
        "version": row["current_version"],
        "error": error_of(row),
    }
    return Document(**{name: named[name] for name in Document.__dataclass_fields__})


def _version(row: dict[str, Any]) -> Version:
    named = {**row, "current": bool(row["current"]), "error": error_of(row)}
    return Version(**{name: named[name] for name in Version.__dataclass_fields__})


async def _run(connection: Connection, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return await run(connection, name, _SQL[name], parameters)
