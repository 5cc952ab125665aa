"""Jobs: how far a version is on its way from bytes to passages, and what its user may do about it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from rag_gateway.keys import Caller

LOST_S = 20
"""After so long without a word of a running job nobody knows whether it still runs."""
MOST_LOST_S = 120
"""Even where steps take long: the embedder and PostgreSQL end theirs after this time."""
PUBLISHED_PER_S = 100
"""Passages, on a slow disk: while they are written, in one transaction, nothing else is told."""
ONE_BATCH = 32
"""Passages that are embedded in one go; how long more of them take is known after the first of them."""
JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
MAY_PASS = frozenset({"waiting", "gave_up", "reader_lost", "too_slow", "embedder_failed", "internal_error"})
"""Codes of errors that another attempt may be spared; every other one is the file's own, whose bytes stay the same."""


@dataclass(frozen=True)
class JobError:
    """Why a job failed, or what it waits for; `retryable` says whether the same bytes may succeed another time."""

    code: str
    message: str

    @property
    def retryable(self) -> bool:
        return self.code in MAY_PASS


@dataclass(frozen=True)
class Job:
    """The way of one version from its bytes to its passages.

    `queue_position` counts from 1 for the next, over all tenants; `eta_s` is a guess from how the last ones went,
    and None once nothing has moved for `stalled_s`, which is None while all goes well.
    """

    id: UUID
    document_id: UUID
    version: int
    status: JobStatus
    stage: str | None
    done: int
    total: int
    queue_position: int | None
    eta_s: float | None
    stalled_s: int | None
    error: JobError | None
    notices: Sequence[Mapping[str, str]]
    """What could not be read of the file, each with a code and words that say what to do."""
    created_at: datetime
    finished_at: datetime | None = field(default=None)


@dataclass
class Watchers:
    """How many watch a job, so that all together ask no more often than PostgreSQL bears."""

    _count: int = field(default=0, init=False)

    @contextmanager
    def one_more(self) -> Iterator[int]:
        """Gives their number with this one."""
        self._count += 1
        try:
            yield self._count
        finally:
            self._count -= 1


@dataclass(frozen=True)
class Pace:
    """How fast things go: seconds that one document took lately, and that the first running one still needs.

    Both are None while unknown; `at_once` documents run, the slowest took `passage_s` for a passage so far, and the
    largest that is just published has `publishing` passages.
    """

    one_s: float | None
    rest_s: float | None
    at_once: int
    passage_s: float | None = None
    publishing: int | None = None

    def stalled_s(self, silent_s: float | None) -> int | None:
        """The silence in whole seconds, once honest work does not explain it."""
        batches_s, publishing_s = (
            3 * ONE_BATCH * (self.passage_s or 0),
            (self.publishing or 0) / PUBLISHED_PER_S,
        )
        patience_s = min(max(LOST_S, batches_s, publishing_s), MOST_LOST_S)
        return int(silent_s) if silent_s is not None and silent_s >= patience_s else None

    def until_done_s(
        self, position: int | None, elapsed_s: float | None, silent_s: float | None, done: int, total: int
    ) -> float | None:
        """Seconds until a waiting or running job is probably done; None while nothing can be said.

        A running one goes on as it had gone when it was last heard of, `silent_s` ago, unless that is long past;
        one that waits takes its place in line as long as the last ones took.
        """
        if position is not None:
            before = (position - 1) // max(self.at_once, 1)
            if self.one_s is None:
                return None
            return (self.one_s if self.rest_s is None else self.rest_s) + self.one_s * (before + 1)
        elapsed_s, silent_s = elapsed_s or 0, silent_s or 0
        if silent_s >= LOST_S or (total > ONE_BATCH and not done):
            return None
        if not done and self.one_s and elapsed_s > 2 * self.one_s:
            return None  # it is not like the last ones
        rest_s = elapsed_s * (total - done) / done if done else self.one_s and self.one_s - elapsed_s
        return None if rest_s is None else max(rest_s - silent_s, 1.0)


class Jobs(Protocol):
    """Where jobs are read, ended and started again; what the caller may not read is NotFound."""

    async def job(self, job_id: UUID, caller: Caller) -> Job:
        """One job."""

    async def jobs(
        self,
        caller: Caller,
        *,
        limit: int,
        status: JobStatus | None = None,
        collection: str | None = None,
        before: tuple[datetime, UUID] | None = None,
    ) -> list[Job]:
        """The newest first."""

    async def cancel(self, job_id: UUID, caller: Caller) -> Job:
        """Ends one that waits or runs; raises Conflict after its end."""

    async def retry(self, job_id: UUID, caller: Caller) -> Job:
        """Queues a failed or cancelled one again; raises Conflict for any other."""
