"""Uploads in PostgreSQL, as `rag_app`."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from psycopg.errors import ForeignKeyViolation
from psycopg.types.json import Jsonb
from rag_common.errors import Conflict, NotFound
from rag_common.postgres import Connection, Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.queue import IngestQueue
from rag_gateway.keys import Caller
from rag_gateway.uploads import Accepted, Upload, identity_of

_SQL, _JOBS = queries("documents.sql"), queries("jobs.sql")
AGAIN = ("failed", "cancelled")
"""What became of a version that is tried again when its bytes are sent again."""


class PostgresUploads:
    """Stores bytes, job and queue entry in one transaction: what is acknowledged is kept."""

    def __init__(self, pool: Pool, queue: IngestQueue) -> None:
        self._pool, self._queue = pool, queue

    async def accept(self, upload: Upload, caller: Caller) -> Accepted:
        """Stores an upload as a new document, as a new version, or as what is there already."""
        try:
            async with as_caller(self._pool, caller) as connection:
                return await self._accept(connection, upload, caller)
        except ForeignKeyViolation as error:
            raise Conflict("Its collection or document was just removed; send it again.") from error

    async def _accept(self, connection: Connection, upload: Upload, caller: Caller) -> Accepted:
        collections = await _run(connection, "find_collection", {"name": upload.collection})
        if not collections:
            raise NotFound(f"There is no collection `{upload.collection}`.", code="collection_not_found")
        collection_id = collections[0]["id"]
        known = await _find(connection, collection_id, upload.identity)
        if known is None:
            new = {"id": uuid4(), "collection_id": collection_id, "identity": upload.identity}
            await _run(connection, "insert_document", {**new, **_columns(upload, caller)})
            return await self._add_version(connection, upload, caller, new["id"], 1, {})
        if known["sha256"] == upload.sent.sha256:
            await _describe(connection, known, upload.said.said())
            if known["status"] not in AGAIN:
                return Accepted(
                    known["id"], known["version"], known["job_id"], known["status"], created=False
                )
            await run(connection, "retry_job", _JOBS["retry_job"], {"id": known["job_id"]})
            await self._queue.put_unless_there(connection, caller.tenant_id, known["job_id"])
            return Accepted(known["id"], known["version"], known["job_id"], "queued", created=True)
        said = upload.said.said() | ({"file_name": upload.file_name} if upload.file_name else {})
        if known["version"] != known["current_version"]:
            said = known["said"] | said
        return await self._add_version(connection, upload, caller, known["id"], known["version"] + 1, said)

    async def _add_version(
        self,
        connection: Connection,
        upload: Upload,
        caller: Caller,
        document_id: UUID,
        version: int,
        said: dict[str, Any],
    ) -> Accepted:
        """`said` takes effect when the version is published."""
        key = {"id": document_id, "version": version}
        facts = {
            "sha256": upload.sent.sha256,
            "media_type": upload.media_type,
            "size_bytes": upload.sent.size,
            "said": Jsonb(said),
        }
        await _run(connection, "insert_version", {**key, **facts})
        parts = upload.parts()
        number = 0
        while piece := await asyncio.to_thread(next, parts, None):
            await _run(connection, "insert_blob", {**key, "part": number, "bytes": piece})
            number += 1
        job_id = uuid4()
        await _run(connection, "insert_job", {**key, "job_id": job_id})
        await self._queue.put(connection, caller.tenant_id, job_id)
        return Accepted(document_id, version, job_id, "queued", created=True)

    async def change(self, document_id: UUID, changes: Mapping[str, Any], caller: Caller) -> None:
        """Changes what was sent; a document that is known by its `uri` is known by the new one then."""
        async with as_caller(self._pool, caller) as connection:
            found = await _run(connection, "find_document", {"id": document_id})
            if not found:
                raise NotFound
            document, uri = found[0], changes.get("uri")
            identity = document["identity"]
            if "uri" in changes and not document["external_id"]:
                identity = identity_of(None, uri, document["sha256"])
                other = await _find(connection, document["collection_id"], identity)
                if other and other["id"] != document_id:
                    raise Conflict(
                        "Another document is known by that; choose another `uri`.", code="uri_taken"
                    )
            sets = {f"sets_{name}": name in changes for name in ("title", "uri", "metadata", "readers")}
            values = {
                "title": changes.get("title"),
                "uri": uri,
                "metadata": Jsonb(dict(changes.get("metadata") or {})),
                "readers": list(changes.get("readers") or ()),
            }
            await _run(
                connection, "change_document", {"id": document_id, "identity": identity, **sets, **values}
            )
            await _run(connection, "unsay_of_versions", {"id": document_id, "names": list(changes)})


async def _find(connection: Connection, collection_id: int, identity: str) -> dict[str, Any] | None:
    """The document that the caller sees under an identity, which nobody else can give away meanwhile."""
    await _run(connection, "lock_identity", {"identity": f"{collection_id} {identity}"})
    key = {"collection_id": collection_id, "identity": identity}
    found = await _run(connection, "find_by_identity", key)
    return found[0] if found else None


async def _describe(connection: Connection, known: Mapping[str, Any], said: dict[str, Any]) -> None:
    """Changes at once, without embedding anything again, if these bytes answer already or nothing else does.

    Else it takes effect when they are published, so that the text that answers until then keeps its readers.
    """
    if not said:
        return
    (document,) = await _run(connection, "lock_document", {"id": known["id"]})
    if known["version"] in (1, document["current_version"]):
        columns = {name: said.get(name) for name in ("title", "uri", "readers")}
        metadata = Jsonb(said["metadata"]) if "metadata" in said else None
        await _run(connection, "describe_document", {"id": known["id"], "metadata": metadata, **columns})
    else:
        key = {"id": known["id"], "version": known["version"]}
        await _run(connection, "say_of_version", {**key, "said": Jsonb(said)})


def _columns(upload: Upload, caller: Caller) -> dict[str, Any]:
    said = upload.said
    return {
        "external_id": said.external_id,
        "uri": said.uri,
        "title": said.title,
        "file_name": upload.file_name,
        "metadata": Jsonb(dict(said.metadata or {})),
        "readers": list(said.readers or ()),
        "subject": caller.subject,
    }


async def _run(connection: Connection, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return await run(connection, name, _SQL[name], parameters)
