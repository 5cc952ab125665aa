"""Answers in PostgreSQL: spans and ids of sources, never their text."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb
from rag_common.errors import NotFound
from rag_common.postgres import Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.removals import redact_answers
from rag_gateway.answers import ReadSpan, StoredSpan
from rag_gateway.keys import Caller
from rag_gateway.rag.answer import Answer
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.quote import RankedUnit
from rag_gateway.schemas.rag import citation_out, usage_out

_SQL = queries("answers.sql")


class PostgresAnswerStore:
    """The rows of `answers`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(self, answer: Answer, caller: Caller) -> None:
        told = sorted({passage.document_id for passage in answer.sources})
        async with as_caller(self._pool, caller) as connection:
            there = await run(connection, "lock_documents_told", _SQL["lock_documents_told"], {"ids": told})
            await run(connection, "insert_answer", _SQL["insert_answer"], _row(answer, caller))
            wanted = {"answer_id": answer.id, "ids": told}
            await run(connection, "insert_answer_documents", _SQL["insert_answer_documents"], wanted)
            # What was removed, or hidden from the caller, while the answer was given.
            if gone := set(told) - {row["id"] for row in there}:
                await redact_answers(connection, list(gone), answer.id)

    async def row(self, answer_id: UUID, caller: Caller) -> dict[str, Any]:
        wanted = {"id": answer_id, "subject": caller.subject, "any_subject": "admin" in caller.scopes}
        async with as_caller(self._pool, caller) as connection:
            rows = await run(connection, "read_answer", _SQL["read_answer"], wanted)
        if not rows:
            raise NotFound
        return rows[0]

    async def read_spans(self, spans: Sequence[StoredSpan], caller: Caller) -> list[ReadSpan | None]:
        wanted = {
            "document_ids": [span.document_id for span in spans],
            "versions": [span.version for span in spans],
            "starts": [span.start for span in spans],
            "ends": [span.end for span in spans],
        }
        async with as_caller(self._pool, caller) as connection:
            rows = await run(connection, "read_spans", _SQL["read_spans"], wanted)
        found = {row.pop("position"): ReadSpan(**row) for row in rows}
        return [found.get(position) for position in range(1, len(spans) + 1)]


def _row(answer: Answer, caller: Caller) -> dict[str, Any]:
    return {
        "id": answer.id,
        "subject": caller.subject,
        "question": answer.question.text,
        "query": answer.query,
        "parts": Jsonb([_part(part) for part in answer.parts]),
        "sources": Jsonb([_source(n, passage) for n, passage in enumerate(answer.sources, start=1)]),
        "citations": Jsonb([citation_out(citation) for citation in answer.citations]),
        "dropped": answer.dropped,
        "grounded": answer.grounded,
        "degraded": answer.degraded,
        "answer_mode": answer.answer_mode,
        "finish_reason": answer.finish_reason,
        "usage": Jsonb(usage_out(answer)),
        "timings_ms": Jsonb(dict(answer.timings_ms)),
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "index_version": answer.index_version,
        "trace_id": answer.trace_id,
    }


def _part(part: str | RankedUnit) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    unit, passage = part.unit, part.passage
    span = {
        "document_id": str(passage.document_id),
        "version": passage.version,
        "start": unit.start,
        "end": unit.end,
    }
    return {"unit": {**span, "n": part.n, "kind": unit.kind, "cut": part.cut}}


def _source(n: int, passage: Passage) -> dict[str, Any]:
    scores = passage.scores
    return {
        "n": n,
        "document_id": str(passage.document_id),
        "version": passage.version,
        "chunk_id": str(passage.chunk_id),
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "scores": {
            "dense": scores.dense,
            "lexical": scores.lexical,
            "fused": scores.fused,
            "rerank": scores.rerank,
        },
    }
