"""Documents, their bytes and their jobs in PostgreSQL, as `rag_app`."""

from typing import Any
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation
from psycopg.types.json import Jsonb
from rag_common.errors import Conflict, NotFound
from rag_common.postgres import Connection, Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.queue import IngestQueue
from rag_gateway.documents import Accepted, Content, Document, Upload
from rag_gateway.keys import Caller

_SQL = queries("documents.sql")
PART_BYTES = 1_000_000
MOST_CHARACTERS = 200_000
"""Characters of parsed text in one reply."""


class PostgresDocumentStore:
    """Stores bytes, job and queue entry in one transaction: what is acknowledged is kept."""

    def __init__(self, pool: Pool, queue: IngestQueue) -> None:
        self._pool, self._queue = pool, queue

    async def accept(self, upload: Upload, caller: Caller) -> Accepted:
        """Stores an upload as a new document, as a new version, or as what is there already."""
        try:
            return await self._accept(upload, caller)
        except ForeignKeyViolation as error:
            raise Conflict("Its collection or document was just removed; send it again.") from error

    async def _accept(self, upload: Upload, caller: Caller) -> Accepted:
        async with as_caller(self._pool, caller) as connection:
            collections = await self._run(connection, "find_collection", {"name": upload.collection})
            if not collections:
                raise NotFound(f"There is no collection `{upload.collection}`.", code="collection_not_found")
            key = {"collection_id": collections[0]["id"], "identity": upload.identity}
            await self._run(
                connection, "lock_identity", {"identity": f"{key['collection_id']} {upload.identity}"}
            )
            known = await self._run(connection, "find_by_identity", key)
            if (
                known
                and known[0]["sha256"] == upload.sha256
                and known[0]["status"] not in ("failed", "cancelled")
            ):
                await self._describe(connection, known[0]["id"], upload)
                row = known[0]
                return Accepted(row["id"], row["version"], row["job_id"], row["status"], created=False)
            return await self._add(connection, upload, caller, key, known[0] if known else None)

    async def _add(
        self,
        connection: Connection,
        upload: Upload,
        caller: Caller,
        key: dict[str, Any],
        known: dict[str, Any] | None,
    ) -> Accepted:
        ids: dict[str, Any] = {
            "id": known["id"] if known else uuid4(),
            "version": known["version"] + 1 if known else 1,
        }
        if known:
            await self._describe(connection, known["id"], upload)
        else:
            await self._run(connection, "insert_document", {**ids, **key, **_described(upload, caller)})
        facts = {"sha256": upload.sha256, "media_type": upload.media_type, "size_bytes": len(upload.data)}
        await self._run(connection, "insert_version", {**ids, **facts})
        for part, start in enumerate(range(0, len(upload.data), PART_BYTES)):
            piece = upload.data[start : start + PART_BYTES]
            await self._run(connection, "insert_blob", {**ids, "part": part, "bytes": piece})
        job_id = uuid4()
        await self._run(connection, "insert_job", {**ids, "job_id": job_id})
        await self._queue.put(connection, caller.tenant_id, job_id)
        return Accepted(ids["id"], ids["version"], job_id, "queued", created=True)

    async def _describe(self, connection: Connection, document_id: UUID, upload: Upload) -> None:
        """Title, address, metadata and readers change at once, without embedding anything again."""
        changed = {
            "id": document_id,
            "title": upload.title,
            "uri": upload.uri,
            "metadata": None if upload.metadata is None else Jsonb(dict(upload.metadata)),
            "readers": None if upload.readers is None else list(upload.readers),
        }
        if any(value is not None for name, value in changed.items() if name != "id"):
            await self._run(connection, "describe_document", changed)

    async def documents(
        self,
        caller: Caller,
        *,
        limit: int,
        document_id: UUID | None = None,
        collection: str | None = None,
        after: UUID | None = None,
    ) -> list[Document]:
        """Documents that the caller may read, by id."""
        async with as_caller(self._pool, caller) as connection:
            if collection is not None and not await self._run(
                connection, "find_collection", {"name": collection}
            ):
                raise NotFound(f"There is no collection `{collection}`.", code="collection_not_found")
            wanted = {"id": document_id, "collection": collection, "after": after, "limit": limit}
            rows = await self._run(connection, "list_documents", wanted)
        return [_document(row) for row in rows]

    async def document(self, document_id: UUID, caller: Caller) -> Document:
        """One document; raises NotFound for one that the caller may not read."""
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
            rows = await self._run(connection, "read_content", wanted)
        if not rows:
            raise NotFound
        return Content(document_id=document_id, start=start, **rows[0])

    async def _run(
        self, connection: Connection, name: str, parameters: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return await run(connection, name, _SQL[name], parameters)


def _described(upload: Upload, caller: Caller) -> dict[str, Any]:
    return {
        "external_id": upload.external_id,
        "uri": upload.uri,
        "title": upload.title,
        "file_name": upload.file_name,
        "metadata": Jsonb(dict(upload.metadata or {})),
        "readers": list(upload.readers or ()),
        "subject": caller.subject,
    }


def _document(row: dict[str, Any]) -> Document:
    named = {**row, "readers": tuple(row["readers"]), "version": row["current_version"]}
    return Document(**{name: named[name] for name in Document.__dataclass_fields__})
