"""`python -m rag_gateway.worker`: takes documents from the queue and ingests them."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import procrastinate
from procrastinate import JobContext, PsycopgConnector
from rag_common.clients import open_client
from rag_common.errors import ServiceError
from rag_common.hang_up import end
from rag_common.health import Drain, Part
from rag_common.logs import setup_logs
from rag_common.postgres import Pool, check_pool, open_pool
from rag_common.server import serve_beside
from rag_common.service import operations_app
from rag_common.settings import load_settings
from rag_common.telemetry import setup_telemetry, timed

from rag_gateway.adapters.embedder import HttpEmbedder
from rag_gateway.adapters.feedback import HttpFeedback
from rag_gateway.adapters.ingest import PostgresJobStore, PostgresVersionStore
from rag_gateway.adapters.outbox import PostgresOutbox
from rag_gateway.adapters.queue import (
    TASK,
    Again,
    AgainInTurn,
    QueueSweeps,
    forgive_death,
    next_turn,
    priority_of,
)
from rag_gateway.ingest.apart import Parsers, open_parsers
from rag_gateway.ingest.work import Ingestion
from rag_gateway.outbox import deliver
from rag_gateway.settings import GatewaySettings
from rag_gateway.sweeps import sweeping

log = logging.getLogger(__name__)
STATEMENT_TIMEOUT_MS = 120_000
"""For one slice of a large document, or the removal of one; no reader waits for it."""
DELIVER_EVERY_S = 2
FORGET_EVERY_S = 3600
LOOK_EVERY_S = 0.5
"""For entries that nobody notifies of: those whose pause is over, or that waited for an earlier attempt to end."""


@dataclass(frozen=True)
class Parts:
    """What the worker is made of."""

    pool: Pool
    embedder: HttpEmbedder
    feedback: HttpFeedback
    ingestion: Ingestion

    def health(self) -> Mapping[str, Part]:
        """What its readiness looks at; without the others what they are told waits and is not lost."""
        return {
            "postgres": Part(lambda: check_pool(self.pool)),
            "embedder": Part(self.embedder.check, needed=False),
            "feedback": Part(self.feedback.check, needed=False),
        }


@asynccontextmanager
async def open_parts(settings: GatewaySettings) -> AsyncIterator[Parts]:
    """Opens the pool, the embedder's client and the parsers, and closes them."""
    async with (
        open_pool(settings.database_dsn, settings.worker_documents + 3, STATEMENT_TIMEOUT_MS) as pool,
        open_client(settings.embedder_url) as embedder_client,
        open_client(settings.feedback_url) as feedback_client,
        open_parsers() as parsers,
    ):
        await say_how_parsers_are_confined(parsers)
        embedder = HttpEmbedder(embedder_client, settings.embedding_model, "bulk")
        feedback = HttpFeedback(feedback_client, settings.service_token.get_secret_value())
        versions = PostgresVersionStore(pool, settings.embedding_model)
        ingestion = Ingestion(PostgresJobStore(pool), versions, parsers, embedder)
        yield Parts(pool, embedder, feedback, ingestion)


def queue_app(settings: GatewaySettings, parts: Parts) -> procrastinate.App:
    """The queue's side that does the work."""
    app = procrastinate.App(connector=PsycopgConnector(conninfo=settings.database_dsn))

    @app.task(name=TASK, retry=AgainInTurn(), pass_context=True)
    async def ingest(context: JobContext, tenant_id: int, job_id: str) -> None:
        with timed("ingest"):
            try:
                await parts.ingestion.run(tenant_id, UUID(job_id), priority_of(context.job.priority))
            except ServiceError as error:
                raise Again(await next_turn(parts.pool, tenant_id)) from error
            except asyncio.CancelledError:  # the drain is over
                await forgive_death(parts.pool, tenant_id, UUID(job_id))
                raise

    return app


async def work(app: procrastinate.App, drain: Drain, settings: GatewaySettings) -> None:
    """Takes jobs until the drain; one that then does not end in `drain_s` seconds goes back to the queue."""
    working = asyncio.create_task(
        app.run_worker_async(
            name="ingest",
            concurrency=settings.worker_documents,
            fetch_job_polling_interval=LOOK_EVERY_S,
            delete_jobs="always",  # what became of a document stands in our own `jobs`
            shutdown_graceful_timeout=settings.drain_s,
            install_signal_handlers=False,
            update_heartbeat_interval=settings.job_lease_s / 3,
            stalled_worker_timeout=settings.job_lease_s,
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
        queue, outbox, lease_s = queue_app(settings, parts), PostgresOutbox(parts.pool), settings.job_lease_s
        sweeps = QueueSweeps(queue, parts.pool)
        operations = operations_app(parts.health, drain)
        async with (
            serve_beside(operations, settings, settings.operations_port),
            queue.open_async(),
            sweeping(
                (lease_s / 3, lambda: sweeps.requeue_stalled(lease_s)),
                (lease_s / 3, sweeps.requeue_lost),
                (DELIVER_EVERY_S, lambda: deliver(outbox, parts.feedback)),
                (FORGET_EVERY_S, lambda: outbox.forget_superseded(settings.superseded_days)),
            ),
        ):
            await work(queue, drain, settings)
    stop_telemetry()


if __name__ == "__main__":
    asyncio.run(run())
