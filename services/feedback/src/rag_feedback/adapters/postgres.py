"""Feedback in PostgreSQL, each call one transaction that sees one tenant."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb
from rag_common.identity import Identity
from rag_common.postgres import Pool, load_queries, run, transaction

from rag_feedback.feedback import (
    After,
    AnswerContext,
    Counts,
    DayCount,
    Feedback,
    Kept,
    Rating,
    Reason,
    SourceSpan,
    SourceVerdict,
    Verdict,
)


class PostgresFeedback:
    """Implements FeedbackStore and FeedbackReader."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._queries = load_queries("rag_feedback.sql")

    async def keep(self, caller: Identity, feedback: Feedback) -> Kept:
        [row] = await self._run(caller.tenant, "keep", subject=caller.subject, **_columns(feedback))
        return _kept(row)

    async def withdraw(self, caller: Identity, answer_id: UUID) -> bool:
        return bool(await self._run(caller.tenant, "withdraw", subject=caller.subject, answer_id=answer_id))

    async def redact(self, tenant: int, document_ids: Sequence[UUID]) -> int:
        return len(await self._run(tenant, "redact", document_ids=[str(id_) for id_ in document_ids]))

    async def newest(self, tenant: int, rating: Rating | None, limit: int, after: After | None) -> list[Kept]:
        begin = {"created_at": after and after.created_at, "id": after and after.id}
        rows = await self._run(tenant, "newest", rating=rating, limit=limit, **begin)
        return [_kept(row) for row in rows]

    async def counts(self, tenant: int, days: int) -> Counts:
        by_day = [DayCount(**row) for row in await self._run(tenant, "count_days", days=days)]
        by_reason = await self._run(tenant, "count_reasons", days=days)
        return Counts(
            up=sum(day.up for day in by_day),
            down=sum(day.down for day in by_day),
            reasons={Reason(row["reason"]): row["times"] for row in by_reason},
            days=by_day,
        )

    async def ready(self) -> None:
        """Raises when the database is away or not migrated."""
        async with transaction(self._pool, {}) as connection:
            await connection.execute(self._queries["ready"])

    async def _run(self, tenant: int, name: str, **params: Any) -> list[DictRow]:
        async with transaction(self._pool, {"app.tenant": str(tenant)}) as connection:
            return await run(connection, name, self._queries[name], {"tenant": tenant, **params})


def _columns(feedback: Feedback) -> dict[str, Any]:
    context = feedback.context
    return {
        "answer_id": feedback.answer_id,
        "rating": feedback.rating,
        "reasons": list(feedback.reasons),
        "comment": feedback.comment,
        "correction": feedback.correction,
        "verdicts": _json(feedback.sources),
        "trace_id": context.trace_id,
        "model": context.model,
        "prompt_version": context.prompt_version,
        "index_version": context.index_version,
        "sources": _json(context.sources),
    }


def _json(items: Sequence[SourceSpan] | Sequence[SourceVerdict]) -> Jsonb:
    return Jsonb([asdict(item) for item in items], dumps=partial(json.dumps, default=str))


def _kept(row: DictRow) -> Kept:
    context = AnswerContext(
        trace_id=row["trace_id"],
        model=row["model"],
        prompt_version=row["prompt_version"],
        index_version=row["index_version"],
        sources=[SourceSpan(**span | {"document_id": UUID(span["document_id"])}) for span in row["sources"]],
    )
    feedback = Feedback(
        answer_id=row["answer_id"],
        rating=Rating(row["rating"]),
        context=context,
        reasons=[Reason(reason) for reason in row["reasons"]],
        comment=row["comment"],
        correction=row["correction"],
        sources=[SourceVerdict(verdict["n"], Verdict(verdict["verdict"])) for verdict in row["verdicts"]],
    )
    return Kept(row["id"], row["subject"], row["created_at"], row["updated_at"], feedback)
