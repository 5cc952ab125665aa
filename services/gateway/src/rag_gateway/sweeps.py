"""What a worker looks after beside its documents, again and again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

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


async def _every(seconds: float, sweep: Sweep) -> None:
    while True:
        try:
            await sweep()
        except Exception as error:  # whatever it was, a sweep that has ended would never be missed
            log.warning("sweep_failed", extra={"error": type(error).__name__})
        await asyncio.sleep(seconds)
