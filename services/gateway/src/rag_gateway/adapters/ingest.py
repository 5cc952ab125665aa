"""Jobs and versions in PostgreSQL, as `rag_worker`."""

import json
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from pgvector import HalfVector
from pgvector.psycopg.halfvec import register_halfvec_info
from psycopg.types import TypeInfo
from rag_common.errors import NotFound, Unavailable
from rag_common.postgres import Connection, Pool, run, transaction

from rag_gateway.adapters.database import queries
from rag_gateway.ingest.reading import Reading
from rag_gateway.ingest.split import Chunk
from rag_gateway.ingest.work import Original, Stage, Work
from rag_gateway.rag.terms import term_id, terms_of

_SQL = queries("worker.sql")
SLICE = 500
"""Chunks written by one statement: all in one transaction, none longer than a statement may take."""
_STARTED = ("document_id", "version", "attempt", "deaths", "waits")
MOST = 32_767
"""The largest smallint: a term's frequency and a chunk's length are capped there."""


def _tenant(tenant_id: int) -> dict[str, str]:
    return {"app.tenant": str(tenant_id)}


async def _run(connection: Connection, name: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return await run(connection, name, _SQL[name], parameters)


class PostgresJobStore:
    """The rows of `jobs`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def start(self, tenant_id: int, job_id: UUID, turn: int) -> Work | None:
        async with transaction(self._pool, _tenant(tenant_id)) as connection:
            await _run(connection, "serve_turn", {"turn": turn})
            rows = await _run(connection, "start_job", {"id": job_id})
        if not rows:
            return None
        row = rows[0]
        return Work(tenant_id, job_id, **{name: row[name] for name in _STARTED})

    async def advance(self, work: Work, stage: Stage, done: int, total: int) -> bool:
        state = {"id": work.job_id, "attempt": work.attempt, "stage": stage, "done": done, "total": total}
        async with transaction(self._pool, _tenant(work.tenant_id)) as connection:
            return bool(await _run(connection, "advance_job", state))

    async def end(self, work: Work, status: Literal["failed", "queued"], code: str, message: str) -> None:
        state = {"id": work.job_id, "attempt": work.attempt, "status": status}
        async with transaction(self._pool, _tenant(work.tenant_id)) as connection:
            await _run(connection, "end_job", {**state, "code": code, "message": message})


class PostgresVersionStore:
    """Bytes and passages; published only while the model that embedded them is the one that search uses."""

    def __init__(self, pool: Pool, embedding_model: str) -> None:
        self._pool = pool
        self._embedding_model = embedding_model
        self._halfvec: TypeInfo | None = None

    async def read(self, work: Work) -> Original:
        key = {"document_id": work.document_id, "version": work.version}
        async with transaction(self._pool, _tenant(work.tenant_id)) as connection:
            rows = await _run(connection, "read_version", key)
        if not rows:
            raise NotFound
        return Original(rows[0]["bytes"] or b"", rows[0]["media_type"], rows[0]["name"])

    async def publish(
        self, work: Work, title: str, reading: Reading, vectors: Sequence[Sequence[float]]
    ) -> None:
        chunks = reading.chunks
        key = {"document_id": work.document_id, "version": work.version}
        done = {"id": work.job_id, "attempt": work.attempt, "total": len(chunks)}
        async with transaction(self._pool, _tenant(work.tenant_id)) as connection:
            found = await _run(connection, "lock_document", key)
            if not found or not await _run(connection, "succeed_job", done):
                return
            (active,) = await _run(connection, "active_model", {})
            if active["name"] != self._embedding_model:
                raise Unavailable("The embedding model is being replaced; the new version goes on with this.")
            document = found[0]
            if (document["current_version"] or 0) >= work.version:
                return
            notices = json.dumps([vars(notice) for notice in reading.notices])
            await _run(connection, "store_text", {**key, "text": reading.text, "notices": notices})
            owner, length = {**key, "collection_id": document["collection_id"]}, 0
            for at in range(0, len(chunks), SLICE):
                piece = slice(at, at + SLICE)
                length += await self._add_chunks(connection, owner, title, chunks[piece], vectors[piece])
            await _run(connection, "replace_chunks", {**key, "chunks": len(chunks), "length": length})
            await _run(connection, "supersede_versions", key)
            await _run(connection, "point_to_version", {**key, "title": title})

    async def _add_chunks(
        self,
        connection: Connection,
        key: dict[str, Any],
        title: str,
        chunks: Sequence[Chunk],
        vectors: Sequence[Sequence[float]],
    ) -> int:
        """Inserts chunks, vectors and postings; gives back their length in terms, all together."""
        columns = {
            "starts": [chunk.start for chunk in chunks],
            "ends": [chunk.end for chunk in chunks],
            "pages": [chunk.page for chunk in chunks],
            "headings": [chunk.heading for chunk in chunks],
            "texts": [chunk.text for chunk in chunks],
            "units": [
                json.dumps([[u.start, u.end, u.kind, u.heading] for u in chunk.units]) for chunk in chunks
            ],
        }
        ids = sorted(row["id"] for row in await _run(connection, "insert_chunks", {**key, **columns}))
        await self._speak_halfvec(connection)
        halves = [HalfVector(list(vector)) for vector in vectors]
        await _run(connection, "insert_vectors", {"ids": ids, "vectors": halves})
        postings = [
            _postings(chunk_id, chunk.in_context(title)) for chunk_id, chunk in zip(ids, chunks, strict=True)
        ]
        rows = [row for chunk_rows in postings for row in chunk_rows]
        names = ("terms", "ids", "frequencies", "lengths")
        await _run(
            connection, "insert_postings", {name: [row[n] for row in rows] for n, name in enumerate(names)}
        )
        return sum(chunk_rows[0][3] for chunk_rows in postings if chunk_rows)

    async def _speak_halfvec(self, connection: Connection) -> None:
        """Vectors travel in pgvector's binary: a fourteenth of the processor's time that literals take."""
        self._halfvec = self._halfvec or await TypeInfo.fetch(connection, "halfvec")
        assert self._halfvec
        register_halfvec_info(connection, self._halfvec)


def _postings(chunk_id: int, text: str) -> list[tuple[int, int, int, int]]:
    """(term, chunk, frequency, chunk length) of each stem; headings count as words of what they head."""
    stems = terms_of(text)
    length = min(sum(stems.values()), MOST)
    return [(term_id(stem), chunk_id, min(count, MOST), length) for stem, count in stems.items()]
