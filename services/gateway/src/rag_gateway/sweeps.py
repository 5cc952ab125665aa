"""What a worker looks after beside its documents: workers that died, words for other services, old versions."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import procrastinate
from procrastinate.exceptions import ConnectorException
from rag_common.errors import ServiceError
from rag_common.hang_up import end

log = logging.getLogger(__name__)
Sweep = Callable[[], Awaitable[object]]


@asynccontextmanager
async def sweeping(*sweeps: tuple[float, Sweep]) -> AsyncIterator[None]:
    """Does each again and again, with so many seconds in between, as long as it is entered.

    Every worker sweeps; what two of them do at once is done once.
    """
    tasks = [asyncio.create_task(_every(seconds, sweep)) for seconds, sweep in sweeps]
    try:
        yield
    finally:
        for task in tasks:
            await end(task)


async def requeue_stalled(app: procrastinate.App, lease_s: float) -> None:
    """Puts back the jobs of workers that died: procrastinate notices them but leaves them."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=lease_s):
        log.warning("job_requeued", extra={"queue_job": job.id})
        await app.job_manager.retry_job(job, retry_at=datetime.now(UTC))


async def _every(seconds: float, sweep: Sweep) -> None:
    while True:
        try:
            await sweep()
        except (ConnectorException, ServiceError) as error:  # the database is away; the next time will do
            log.warning("sweep_failed", extra={"error": type(error).__name__})
        await asyncio.sleep(seconds)
