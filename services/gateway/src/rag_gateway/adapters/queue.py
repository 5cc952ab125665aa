"""The queue of documents to ingest, kept by procrastinate in PostgreSQL; its arguments are ids alone."""

from uuid import UUID

import procrastinate
from procrastinate import PsycopgConnector
from rag_common.postgres import Connection, run

from rag_gateway.adapters.database import queries

TASK = "ingest"
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


def priority_of(turn: int) -> int:
    """The queue's priority of a turn, and back again: it serves the highest priority first."""
    return -turn
