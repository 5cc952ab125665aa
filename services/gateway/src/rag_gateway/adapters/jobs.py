"""Jobs in PostgreSQL, as `rag_app`: row-level security shows those of documents that the caller may read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from rag_common.errors import Conflict, NotFound
from rag_common.postgres import Connection, Pool, run

from rag_gateway.adapters.database import as_caller, queries
from rag_gateway.adapters.queue import IngestQueue
from rag_gateway.jobs import Job, JobError, JobStatus, Pace
from rag_gateway.keys import Caller

_SQL = queries("jobs.sql")


class PostgresJobs:
    """Reads, ends and starts jobs."""

    def __init__(self, pool: Pool, queue: IngestQueue) -> None:
        self._pool, self._queue = pool, queue

    async def job(self, job_id: UUID, caller: Caller) -> Job:
        """One job; raises NotFound for one of a document that the caller may not read."""
        async with as_caller(self._pool, caller) as connection:
            return await _one(connection, job_id)

    async def jobs(
        self,
        caller: Caller,
        *,
        limit: int,
        status: JobStatus | None = None,
        collection: str | None = None,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Job]:
        """The newest first; `before` is time and id of the one after which a page begins."""
        time, job_id = before or (None, None)
        place = {"before": time, "before_id": job_id}
        wanted = {"id": None, "status": status, "collection": collection, "limit": limit, **place}
        async with as_caller(self._pool, caller) as connection:
            return [_job(row) for row in await run(connection, "list_jobs", _SQL["list_jobs"], wanted)]

    async def cancel(self, job_id: UUID, caller: Caller) -> Job:
        """Ends a job that waits or runs: what it has done so far is not published. Raises Conflict after its end."""
        async with as_caller(self._pool, caller) as connection:
            job = await _one(connection, job_id)
            if not await run(connection, "cancel_job", _SQL["cancel_job"], {"id": job_id}):
                raise Conflict(f"The job is {job.status} already.", code="job_ended")
            return await _one(connection, job_id)

    async def retry(self, job_id: UUID, caller: Caller) -> Job:
        """Queues a failed or cancelled job again; raises Conflict for any other, and for an older version's."""
        async with as_caller(self._pool, caller) as connection:
            job = await _one(connection, job_id)
            if not await run(connection, "retry_job", _SQL["retry_job"], {"id": job_id}):
                raise _not_again(job)
            await self._queue.put_unless_there(connection, caller.tenant_id, job_id)
            return await _one(connection, job_id)


def _not_again(job: Job) -> Conflict:
    if job.status in ("failed", "cancelled"):
        return Conflict("A newer version of the document was sent; retry that one.", code="not_newest")
    return Conflict(
        f"The job is {job.status}; failed and cancelled ones can be retried.", code="job_not_ended"
    )


async def _one(connection: Connection, job_id: UUID) -> Job:
    wanted = {"id": job_id, "status": None, "collection": None, "before": None, "before_id": None, "limit": 1}
    rows = await run(connection, "list_jobs", _SQL["list_jobs"], wanted)
    if not rows:
        raise NotFound
    return _job(rows[0])


def _job(row: dict[str, Any]) -> Job:
    eta_s = stalled_s = None
    error = error_of(row)
    if row["status"] in ("queued", "running"):
        pace = Pace(**{name: row[name] for name in Pace.__dataclass_fields__})
        stalled_s = pace.stalled_s(row["silent_s"])
        eta_s = pace.until_done_s(
            row["queue_position"], row["elapsed_s"], row["silent_s"], row["done"], row["total"]
        )
    eta_s = None if eta_s is None or stalled_s or error else round(eta_s, 1)
    named = {**row, "error": error, "eta_s": eta_s, "stalled_s": stalled_s}
    return Job(**{name: named[name] for name in Job.__dataclass_fields__})


def error_of(row: dict[str, Any]) -> JobError | None:
    """Why a job failed, or what it waits for."""
    return JobError(row["error_code"], row["error_message"]) if row["error_code"] else None
