"""Jobs: how far documents are on their way into the index, and what a user may do about it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from rag_gateway.jobs import JobStatus
from rag_gateway.paging import place_key, place_of
from rag_gateway.routes.access import AnyCaller, Ingester, Limit, PartsOf, no_idempotency_key
from rag_gateway.schemas.documents import job_out

router = APIRouter(tags=["jobs"], dependencies=[Depends(no_idempotency_key)])


@router.get("/v1/jobs")
async def list_jobs(
    caller: AnyCaller,
    parts: PartsOf,
    status: Annotated[JobStatus | None, Query()] = None,
    collection: Annotated[str | None, Query(max_length=63)] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Jobs of documents that the caller may read, the newest first."""
    route = f"jobs|{status}|{collection}"
    before = place_of(parts.cursors.read(cursor, caller, route))
    found = await parts.jobs.jobs(
        caller, limit=limit + 1, status=status, collection=collection, before=before
    )
    return parts.cursors.page(found, limit, place_key, job_out, caller, route)


@router.get("/v1/jobs/{job_id}")
async def get_job(job_id: UUID, caller: AnyCaller, parts: PartsOf) -> dict[str, Any]:
    """How far a document's ingestion is."""
    return job_out(await parts.jobs.job(job_id, caller))


@router.post("/v1/jobs/{job_id}/cancel")
async def cancel_job(job_id: UUID, caller: Ingester, parts: PartsOf) -> dict[str, Any]:
    """Ends a job; the version that answered before goes on answering."""
    return job_out(await parts.jobs.cancel(job_id, caller))


@router.post("/v1/jobs/{job_id}/retry")
async def retry_job(job_id: UUID, caller: Ingester, parts: PartsOf) -> dict[str, Any]:
    """Starts a failed or cancelled job again, with the bytes that were sent."""
    return job_out(await parts.jobs.retry(job_id, caller))
