"""`python -m rag_gateway.worker`: takes documents from the queue and ingests them."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import procrastinate
from procrastinate import PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException
from rag_common.clients import open_client
from rag_common.hang_up import end
from rag_common.health import Drain, Part
from rag_common.logs import setup_logs
from rag_common.postgres import Pool, check_pool, open_pool
from rag_common.server import serve_beside
from rag_common.service import operations_app
from rag_common.settings import load_settings
from rag_common.telemetry import setup_telemetry, timed

from rag_gateway.adapters.embedder import HttpEmbedder
from rag_gateway.adapters.ingest import PostgresJobStore, PostgresVersionStore
from rag_gateway.adapters.queue import STALLED_AFTER_S, TASK
from rag_gateway.ingest.apart import Parsers, open_parsers
from rag_gateway.ingest.work import Ingestion
from rag_gateway.settings import GatewaySettings

log = logging.getLogger(__name__)
STATEMENT_TIMEOUT_MS = 120_000
"""For one slice of a large document, or the removal of one; no reader waits for it."""
RETRY = RetryStrategy(wait=2, linear_wait=3)
"""What is away comes back some time; a document that cannot be read fails at once and is not tried again."""
LOOK_FOR_STALLED_EVERY_S = 10


@dataclass(frozen=True)
class Parts:
    """What the worker is made of."""

    pool: Pool
    embedder: HttpEmbedder
    ingestion: Ingestion

    def health(self) -> Mapping[str, Part]:
        """What its readiness looks at; without an embedder jobs wait and are not lost."""
        return {
            "postgres": Part(lambda: check_pool(self.pool)),
            "embedder": Part(self.embedder.check, needed=False),
        }


@asynccontextmanager
async def open_parts(settings: GatewaySettings) -> AsyncIterator[Parts]:
    """Opens the pool, the embedder's client and the parsers, and closes them."""
    async with (
        open_pool(settings.database_dsn, settings.worker_documents + 2, STATEMENT_TIMEOUT_MS) as pool,
        open_client(settings.embedder_url) as client,
        open_parsers() as parsers,
    ):
        await say_how_parsers_are_confined(parsers)
        embedder = HttpEmbedder(client, settings.embedding_model, "bulk")
        versions = PostgresVersionStore(pool, settings.embedding_model)
        yield Parts(pool, embedder, Ingestion(PostgresJobStore(pool), versions, parsers, embedder))


def queue_app(settings: GatewaySettings, ingestion: Ingestion) -> procrastinate.App:
    """The queue's side that does the work."""
    app = procrastinate.App(connector=PsycopgConnector(conninfo=settings.database_dsn))

    @app.task(name=TASK, retry=RETRY)
    async def ingest(tenant_id: int, job_id: str) -> None:
        with timed("ingest"):
            await ingestion.run(tenant_id, UUID(job_id))

    return app


async def requeue_stalled(app: procrastinate.App) -> None:
    """Puts back the jobs of workers that died: procrastinate notices them but leaves them."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
                log.warning("job_requeued", extra={"queue_job": job.id})
                await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))
        except ConnectorException:
            log.warning("stalled_jobs_unknown")
        await asyncio.sleep(LOOK_FOR_STALLED_EVERY_S)


async def work(app: procrastinate.App, drain: Drain, documents: int, drain_s: float) -> None:
    """Takes jobs until the drain; one that then does not end in `drain_s` seconds goes back to the queue."""
    working = asyncio.create_task(
        app.run_worker_async(
            name="ingest",
            concurrency=documents,
            shutdown_graceful_timeout=drain_s,
            install_signal_handlers=False,
        )
    )
    draining = asyncio.create_task(drain.started.wait())
    try:
        await asyncio.wait({working, draining}, return_when=asyncio.FIRST_COMPLETED)
        if draining.done():
            working.cancel()  # procrastinate's way to be told to stop: it takes no more and waits for what runs
            with suppress(asyncio.CancelledError):
                await working
        else:
            working.result()
    finally:
        await end(draining)


async def say_how_parsers_are_confined(parsers: Parsers) -> None:
    """One line at the start: an operator should know where the system lacks what keeps parsers in."""
    if gap := await parsers.missing_from_sandbox():
        log.warning("parsers_not_confined", extra={"missing": gap})
    else:
        log.info("parsers_confined")


async def run() -> None:
    """Works until SIGTERM; the running document then has the drain's time to end, and readiness says so."""
    settings = load_settings(GatewaySettings)
    setup_logs("worker", settings.log_level)
    stop_telemetry = setup_telemetry("worker", settings.otel_exporter_otlp_endpoint)
    drain = Drain()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, drain.started.set)
    async with open_parts(settings) as parts:
        queue = queue_app(settings, parts.ingestion)
        operations = operations_app(parts.health, drain)
        async with serve_beside(operations, settings, settings.operations_port), queue.open_async():
            stalled = asyncio.create_task(requeue_stalled(queue))
            try:
                await work(queue, drain, settings.worker_documents, settings.drain_s)
            finally:
                await end(stalled)
    stop_telemetry()


if __name__ == "__main__":
    asyncio.run(run())
