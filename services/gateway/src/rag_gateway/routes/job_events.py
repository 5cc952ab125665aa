"""A job's progress as Server-Sent Events, for a page that shows it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from rag_common.errors import ServiceError

from rag_gateway.keys import Caller
from rag_gateway.parts import Parts
from rag_gateway.routes.access import AnyCaller, PartsOf, no_idempotency_key
from rag_gateway.routes.stream import HEADERS, HEARTBEAT, HEARTBEAT_S
from rag_gateway.schemas.documents import job_out

LOOK_EVERY_S = 0.5
LOOKS_PER_S = 20
"""Of all streams together: with more than ten open, each looks less often. A look takes up to 12 ms of PostgreSQL
where 10,000 jobs wait."""
SPARE_S = 5
"""Before the request's deadline the stream ends by itself, and a browser asks again."""
AGAIN = b"retry: 2000\n\n"
OVER = ("succeeded", "failed", "cancelled")

router = APIRouter(tags=["jobs"], dependencies=[Depends(no_idempotency_key)])


@router.get("/v1/jobs/{job_id}/events")
async def job_events(job_id: UUID, caller: AnyCaller, parts: PartsOf) -> StreamingResponse:
    """The job now and after each change, until it is over or removed."""
    first = job_out(await parts.jobs.job(job_id, caller))
    return StreamingResponse(
        _frames(first, job_id, caller, parts), media_type="text/event-stream", headers=HEADERS
    )


async def _frames(job: dict[str, Any], job_id: UUID, caller: Caller, parts: Parts) -> AsyncIterator[bytes]:
    until = time.monotonic() + parts.settings.request_deadline_s - SPARE_S
    said_at = time.monotonic()
    yield AGAIN + _frame(job)
    while job["status"] not in OVER and time.monotonic() < until and not parts.drain.started.is_set():
        with parts.watchers.one_more() as watchers:
            await asyncio.sleep(min(max(LOOK_EVERY_S, watchers / LOOKS_PER_S), HEARTBEAT_S))
        try:
            now = job_out(await parts.jobs.job(job_id, caller))
        except ServiceError:  # removed meanwhile, or a part is away: the next request says which
            return
        if now != job:
            yield _frame(now)
        elif time.monotonic() - said_at > HEARTBEAT_S:
            yield HEARTBEAT
        else:
            continue
        job, said_at = now, time.monotonic()


def _frame(job: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(job) + b"\n\n"
