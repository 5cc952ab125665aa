"""The queue of documents to ingest, kept by procrastinate in PostgreSQL; its arguments are ids alone."""

import logging
from uuid import UUID

import procrastinate
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from rag_common.postgres import Connection, Pool, run, transaction

from rag_gateway.adapters.database import queries

log = logging.getLogger(__name__)
TASK = "ingest"
AT_ONCE = 100
_SQL = queries("queue.sql")


class IngestQueue:
    """Enqueues inside the transaction that stores the document, in the tenant's next turn."""

    def __init__(self) -> None:
        # The connector stays closed: every job goes through the transaction's own connection.
        self._app = procrastinate.App(connector=PsycopgConnector())

    async def put(self, connection: Connection, tenant_id: int, job_id: UUID) -> None:
        """Adds one job; it exists when the transaction commits, and not before.

        Until then the tenant's other uploads wait for their turn's number, so this comes last in a transaction.
        """
        (turn,) = await run(connection, "take_turn", _SQL["take_turn"], {})
        task = self._app.configure_task(
            TASK,
            allow_unknown=True,
            connection=connection,
            lock=str(job_id),
            priority=priority_of(turn["last"]),
        )
        await task.defer_async(tenant_id=tenant_id, job_id=str(job_id))

    async def put_unless_there(self, connection: Connection, tenant_id: int, job_id: UUID) -> None:
        """Adds one job again; an old entry that still waits is due now instead, and two at once are one."""
        entry = {"lock": str(job_id)}
        await run(connection, "lock_entry", _SQL["lock_entry"], entry)
        if not await run(connection, "hurry_entry", _SQL["hurry_entry"], entry):
            await self.put(connection, tenant_id, job_id)
            await run(connection, "hurry_entry", _SQL["hurry_entry"], entry)


class Again(Exception):
    """A document goes back in line because a part is away; `turn` is that in which it is tried again."""

    def __init__(self, turn: int) -> None:
        super().__init__("a part is away")
        self.turn = turn


class AgainInTurn(BaseRetryStrategy):
    """What is away comes back some time, and nobody who waits meanwhile shall have lost its turn by it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """In 2 s, then 5, 8 …"""
        priority = priority_of(exception.turn) if isinstance(exception, Again) else job.priority
        return RetryDecision(retry_in={"seconds": 2 + 3 * job.attempts}, priority=priority)


async def next_turn(pool: Pool, tenant_id: int) -> int:
    """The tenant's next turn, for a document that goes back in line: the one it had is over."""
    async with transaction(pool, {"app.tenant": str(tenant_id)}) as connection:
        (turn,) = await run(connection, "take_turn", _SQL["take_turn"], {})
    return int(turn["last"])


async def forgive_death(pool: Pool, tenant_id: int, job_id: UUID) -> None:
    """A worker that is told to stop leaves its documents unfinished, which says nothing against them."""
    async with transaction(pool, {"app.tenant": str(tenant_id)}) as connection:
        await run(connection, "forgive_death", _SQL["forgive_death"], {"id": job_id})


class QueueSweeps:
    """Entries of workers that died, and jobs that have no entry."""

    def __init__(self, app: procrastinate.App, pool: Pool) -> None:
        self._app, self._pool, self._queue = app, pool, IngestQueue()

    async def requeue_stalled(self, lease_s: float) -> None:
        """Puts back what dead workers had in hand, and what living ones have without working on it.

        procrastinate notices the first but leaves their entries.

        The entry is a new one, so that a worker that only seemed dead cannot end it.
        """
        stalled = await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=lease_s)
        async with transaction(self._pool, {}) as connection:
            stuck = await run(connection, "stuck_entries", _SQL["stuck_entries"], {"most": AT_ONCE})
        for entry in [job.id for job in stalled] + [row["id"] for row in stuck]:
            log.warning("job_requeued", extra={"queue_job": entry})
            async with transaction(self._pool, {}) as connection:
                await run(connection, "renew_entry", _SQL["renew_entry"], {"id": entry})

    async def requeue_lost(self) -> None:
        """Puts jobs back whose entry is gone, whatever took it."""
        async with transaction(self._pool, {}) as connection:
            lost = await (await connection.execute(_SQL["lost_jobs"], {"most": AT_ONCE})).fetchall()
        for row in lost:
            log.warning("job_without_entry", extra={"job_id": str(row["id"])})
            async with transaction(self._pool, {"app.tenant": str(row["tenant_id"])}) as connection:
                await self._queue.put_unless_there(connection, row["tenant_id"], row["id"])


def priority_of(turn: int) -> int:
    """The queue's priority of a turn, and back again: it serves the highest priority first."""
    return -turn
