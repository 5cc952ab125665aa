"""The queue of documents to ingest, kept by procrastinate in PostgreSQL; its arguments are ids alone."""

from uuid import UUID

import procrastinate
from procrastinate import PsycopgConnector
from rag_common.postgres import Connection

TASK = "ingest"
STALLED_AFTER_S = 30


class IngestQueue:
    """Enqueues inside the transaction that stores the document."""

    def __init__(self) -> None:
        # The connector stays closed: every job goes through the transaction's own connection.
        self._app = procrastinate.App(connector=PsycopgConnector())

    async def put(self, connection: Connection, tenant_id: int, job_id: UUID) -> None:
        """Adds one job; it exists when the transaction commits, and not before."""
        task = self._app.configure_task(TASK, allow_unknown=True, connection=connection, lock=str(job_id))
        await task.defer_async(tenant_id=tenant_id, job_id=str(job_id))
