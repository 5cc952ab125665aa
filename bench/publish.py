"""`python -m bench.publish < task.json`: our worker's publishing alone, with vectors that are given.

Every waiting job of the database is read, parsed and split first; what is counted is publishing: chunks, vectors,
postings and the pointer, one transaction a document, four at once as in the worker.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

from rag_common.postgres import Pool, open_pool
from rag_gateway.adapters.ingest import PostgresJobStore, PostgresVersionStore
from rag_gateway.ingest.apart import Parsers, open_parsers
from rag_gateway.ingest.reading import Reading
from rag_gateway.ingest.work import Work

AT_ONCE = 4
TIMEOUT_MS = 120_000
Ready = tuple[Work, str, Reading, list[list[float]]]


async def ready(
    pool: Pool,
    versions: PostgresVersionStore,
    parsers: Parsers,
    job_id: str,
    vectors: Mapping[str, list[float]],
) -> Ready:
    """A started job with all that publishing takes."""
    work = await PostgresJobStore(pool).start(1, UUID(job_id), 0)
    assert work
    original = await versions.read(work)
    reading = await parsers.read(original.data, original.media_type, _nothing)
    title = reading.title or original.name
    given = [vectors[f"{chunk.heading or title}\n{chunk.text}"] for chunk in reading.chunks]
    return work, title, reading, given


async def _nothing() -> None:
    """Nobody is told when a page is read."""


async def run(
    dsn: str, model: str, jobs: Sequence[str], vectors: Mapping[str, list[float]]
) -> tuple[float, float]:
    """The seconds from vectors to searchable, and those of this process's processors."""
    async with open_pool(dsn, AT_ONCE + 1, TIMEOUT_MS) as pool, open_parsers() as parsers:
        versions, room = PostgresVersionStore(pool, model), asyncio.Semaphore(AT_ONCE)
        everything = [await ready(pool, versions, parsers, job, vectors) for job in jobs]

        async def publish(each: Ready) -> None:
            async with room:
                await versions.publish(*each)

        started, used = time.perf_counter(), time.process_time()
        await asyncio.gather(*map(publish, everything))
        return time.perf_counter() - started, time.process_time() - used


if __name__ == "__main__":
    task = json.load(sys.stdin)
    given = dict(zip(task["texts"], task["vectors"], strict=True))
    seconds, cpu_s = asyncio.run(run(task["dsn"], task["model"], task["jobs"], given))
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s}))
