"""The outbox in PostgreSQL, and the versions that time forgets, as `rag_worker`."""

from uuid import UUID

from rag_common.postgres import Pool, run, transaction

from rag_gateway.adapters.database import queries
from rag_gateway.outbox import Removal

_SQL = queries("worker.sql")
AT_ONCE = 100


class PostgresOutbox:
    """The rows of `outbox`, read across tenants by the one function that may."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def undelivered(self) -> list[Removal]:
        async with transaction(self._pool, {}) as connection:
            # Without a span: asked every two seconds, it would be a trace each time.
            rows = await (await connection.execute(_SQL["undelivered"], {"most": AT_ONCE})).fetchall()
        return [
            Removal(row["id"], row["tenant_id"], [UUID(id_) for id_ in row["payload"]["document_ids"]])
            for row in rows
        ]

    async def put_off(self, removal: Removal) -> None:
        async with transaction(self._pool, {"app.tenant": str(removal.tenant_id)}) as connection:
            await run(connection, "put_off", _SQL["put_off"], {"id": removal.id})

    async def delivered(self, removal: Removal) -> None:
        async with transaction(self._pool, {"app.tenant": str(removal.tenant_id)}) as connection:
            await run(connection, "delivered", _SQL["delivered"], {"id": removal.id})

    async def forget_superseded(self, days: int) -> None:
        """Drops text and bytes of versions that were replaced so many days ago, a hundred in a transaction."""
        forgotten = AT_ONCE
        while forgotten == AT_ONCE:
            async with transaction(self._pool, {}) as connection:
                wanted = {"days": days, "most": AT_ONCE}
                rows = await run(connection, "forget_superseded", _SQL["forget_superseded"], wanted)
            forgotten = rows[0]["forgotten"]
