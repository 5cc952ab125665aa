"""One document's way from bytes to passages: parse, split, embed, publish."""

import asyncio
import logging
from array import array
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from rag_common.errors import NotFound, ServiceError, UpstreamRefused
from rag_common.hang_up import end
from rag_common.telemetry import step, timed

from rag_gateway.ingest.ahead import in_order
from rag_gateway.ingest.reading import Reading
from rag_gateway.ingest.split import Chunk
from rag_gateway.ingest.unparsable import Unparsable
from rag_gateway.rag.search import Embedder

log = logging.getLogger(__name__)
Stage = Literal["parse", "split", "embed", "publish"]
BATCH = 32
"""Chunks embedded by one request; progress is told after each."""
REQUESTS = 2
"""Of one document under way, so that the embedder need not wait for us between two batches."""
LOOK_EVERY_S = 2
"""While a file is read: whether the attempt was cancelled meanwhile."""
MOST_DEATHS = 100
"""Tenths, after which a document is thought to end the worker that reads it."""
LONGEST_TITLE = 500
MOST_ATTEMPTS = 60
"""With the queue's growing pauses about an hour and a half."""
INDEX_VERSION = "units-3"
"""Raised when parsing, splitting or what is indexed changes, so that answers tell which index they come from."""


class Superseded(Exception):
    """The attempt was cancelled, or a later one has begun: whatever it would still do is for nothing."""


@dataclass(frozen=True)
class Work:
    """One started job; `attempt` fences the writes of an earlier start that is still running."""

    tenant_id: int
    job_id: UUID
    document_id: UUID
    version: int
    attempt: int
    deaths: int
    """Starts in a row, with this one, of which nobody told the end: ten for one while it was read, one for a later."""
    waits: int
    """Attempts that ended because a part was away."""


@dataclass(frozen=True)
class Original:
    """The bytes of a version as they were uploaded, and what the document is called if it has no title."""

    data: bytes
    media_type: str
    name: str


class Parser(Protocol):
    """Turns what a stranger wrote into passages, apart from this process."""

    async def read(self, data: bytes, media_type: str, when_read: Callable[[], Awaitable[None]]) -> Reading:
        """`when_read` is called before the text is split. Raises Unparsable, or ParserLost to be tried again."""


class JobStore(Protocol):
    """The state of a job that a user watches."""

    async def start(self, tenant_id: int, job_id: UUID, turn: int) -> Work | None:
        """Begins the next attempt; None when the job is over or gone.

        The turn has begun then, too: no tenant is given an earlier one from now on.
        """

    async def advance(self, work: Work, stage: Stage, done: int, total: int) -> bool:
        """Tells how far the attempt is; False when it was cancelled, or a later one has begun."""

    async def end(self, work: Work, status: Literal["failed", "queued"], code: str, message: str) -> None:
        """Ends the attempt without a publication; nothing happens when a later one has begun."""


class VersionStore(Protocol):
    """Where bytes come from and passages go to."""

    async def read(self, work: Work) -> Original:
        """The uploaded bytes; raises NotFound for a document that was removed."""

    async def publish(
        self, work: Work, title: str, reading: Reading, vectors: Sequence[Sequence[float]]
    ) -> None:
        """Makes the version the one that answers and its job a success, in one transaction.

        Nothing happens when a later attempt has begun or the document was removed.
        """


@dataclass(frozen=True)
class Ingestion:
    """Does the work of one job."""

    jobs: JobStore
    versions: VersionStore
    parser: Parser
    embedder: Embedder

    async def run(self, tenant_id: int, job_id: UUID, turn: int) -> None:
        """Runs a job to its end; raises what may pass by itself, so that the queue tries again."""
        work = await self.jobs.start(tenant_id, job_id, turn)
        if work is None:
            return
        if work.deaths > MOST_DEATHS:
            message = "Its reader has ended again and again without a word; split the document."
            await self.jobs.end(work, "failed", "reader_lost", message)
            return
        try:
            await self._run(work)
        except NotFound:
            log.info("document_removed_meanwhile", extra={"job_id": str(job_id)})
        except Superseded:
            log.info("job_superseded", extra={"job_id": str(job_id)})
        except Unparsable as error:
            await self.jobs.end(work, "failed", error.code, error.message)
        except UpstreamRefused as error:
            await self.jobs.end(work, "failed", error.code, f"{error.message} Report the job's id.")
        except ServiceError as error:
            await self._wait_or_give_up(work, error)
        except Exception:
            log.exception("ingest_failed", extra={"job_id": str(job_id)})
            await self.jobs.end(
                work, "failed", "internal_error", "Reading it failed on our side; report the job's id."
            )

    async def _wait_or_give_up(self, work: Work, error: ServiceError) -> None:
        if work.waits < MOST_ATTEMPTS:
            message = f"It waits and is tried again by itself: {error.message}"
            await self.jobs.end(work, "queued", "waiting", message)
            raise error
        message = f"Given up after {MOST_ATTEMPTS} attempts: {error.message} Retry it once that is mended."
        await self.jobs.end(work, "failed", "gave_up", message)

    async def _run(self, work: Work) -> None:
        title, reading = await self._read(work)
        total = len(reading.chunks)
        if not total:
            raise Unparsable("empty_document", "The document has no text.")
        vectors = await self._embed(work, title, reading.chunks)
        await self._advance(work, "publish", total, total)
        with timed("ingest.publish"):
            await self.versions.publish(work, title, reading, vectors)

    async def _read(self, work: Work) -> tuple[str, Reading]:
        """The title and the passages; ends the reader soon after the attempt was cancelled.

        The bytes are let go, since other documents are read at the same time.
        """
        original = await self.versions.read(work)
        stage: Stage = "parse"

        async def when_read() -> None:
            nonlocal stage
            stage = "split"
            await self._advance(work, stage, 0, 0)

        with timed("ingest.read"):
            reading = asyncio.ensure_future(self.parser.read(original.data, original.media_type, when_read))
            try:
                while not (await asyncio.wait({reading}, timeout=LOOK_EVERY_S))[0]:
                    await self._advance(work, stage, 0, 0)
            finally:
                await end(reading)
            read = reading.result()
        return (read.title or original.name)[:LONGEST_TITLE], read

    async def _advance(self, work: Work, stage: Stage, done: int, total: int) -> None:
        if not await self.jobs.advance(work, stage, done, total):
            raise Superseded

    @step("ingest.embed")
    async def _embed(self, work: Work, title: str, chunks: Sequence[Chunk]) -> list[Sequence[float]]:
        """Vectors of the chunks in their context."""
        batches = (
            [chunk.in_context(title) for chunk in chunks[start : start + BATCH]]
            for start in range(0, len(chunks), BATCH)
        )
        vectors: list[Sequence[float]] = []
        await self._advance(work, "embed", 0, len(chunks))
        async with aclosing(in_order(self.embedder.embed, batches, REQUESTS)) as embedded:
            async for batch in embedded:
                vectors += [array("f", vector) for vector in batch]  # a tenth of a list's memory
                if len(vectors) < len(chunks):  # the end is told with the next stage
                    await self._advance(work, "embed", len(vectors), len(chunks))
        return vectors
