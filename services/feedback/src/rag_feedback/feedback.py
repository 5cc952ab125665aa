"""What feedback is: one caller's verdict on one answer, kept with what the answer was made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from rag_common.identity import Identity


class Rating(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


class Reason(StrEnum):
    """Why; closed, so that it can be counted. What none of them says goes into the comment."""

    WRONG = "wrong"
    INCOMPLETE = "incomplete"
    NOT_IN_SOURCES = "not_in_sources"
    BAD_SOURCE = "bad_source"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    HELPFUL = "helpful"
    OTHER = "other"


class Verdict(StrEnum):
    """Whether one source deserved to be shown."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class SourceVerdict:
    """The verdict on source number `n` of the answer."""

    n: int
    verdict: Verdict


@dataclass(frozen=True)
class SourceSpan:
    """Where source `n` stood: characters `start` to `end` of a document's version. Never its text."""

    n: int
    document_id: UUID
    version: int
    start: int
    end: int


@dataclass(frozen=True)
class AnswerContext:
    """What the answer was made of and with, so that a verdict can be traced to its cause."""

    trace_id: str
    model: str
    prompt_version: str
    index_version: str
    sources: Sequence[SourceSpan] = ()


@dataclass(frozen=True)
class Feedback:
    """What a caller says about one answer."""

    answer_id: UUID
    rating: Rating
    context: AnswerContext
    reasons: Sequence[Reason] = ()
    comment: str | None = None
    correction: str | None = None
    sources: Sequence[SourceVerdict] = ()


@dataclass(frozen=True)
class Kept:
    """Feedback as it is kept; `updated_at` is later than `created_at` once the caller has replaced it."""

    id: UUID
    subject: str
    created_at: datetime
    updated_at: datetime
    feedback: Feedback


@dataclass(frozen=True)
class After:
    """The last one of a page; the next page begins after it."""

    created_at: datetime
    id: UUID


@dataclass(frozen=True)
class DayCount:
    """One day's ratings, in UTC."""

    day: date
    up: int
    down: int


@dataclass(frozen=True)
class Counts:
    """Ratings and reasons of a tenant's last days."""

    up: int = 0
    down: int = 0
    reasons: dict[Reason, int] = field(default_factory=dict)
    days: Sequence[DayCount] = ()


class FeedbackStore(Protocol):
    """Keeps each caller's own."""

    async def keep(self, caller: Identity, feedback: Feedback) -> Kept:
        """Keeps it in place of what the caller said about the answer before."""

    async def withdraw(self, caller: Identity, answer_id: UUID) -> bool:
        """Removes it; false when there was none."""

    async def redact(self, tenant: int, document_ids: Sequence[UUID]) -> int:
        """Removes comments and corrections on answers that drew on these documents; thumbs and reasons stay.

        Gives back how many ratings lost words; the same again finds none.
        """


class FeedbackReader(Protocol):
    """Reads what all of a tenant said."""

    async def newest(self, tenant: int, rating: Rating | None, limit: int, after: After | None) -> list[Kept]:
        """Newest first, at most `limit`, those after `after` when given."""

    async def counts(self, tenant: int, days: int) -> Counts:
        """Counts of the last `days` days, today included."""


async def page(
    reader: FeedbackReader, tenant: int, rating: Rating | None, limit: int, after: After | None
) -> tuple[list[Kept], After | None]:
    """One page, and where the next begins when there is one."""
    found = await reader.newest(tenant, rating, limit + 1, after)
    shown = found[:limit]
    return shown, After(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
