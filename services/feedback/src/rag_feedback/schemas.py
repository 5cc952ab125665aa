"""The wire between gateway and feedback service."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field
from rag_common.wire import Wire

from rag_feedback.feedback import (
    AnswerContext,
    Counts,
    Feedback,
    Kept,
    Rating,
    Reason,
    SourceSpan,
    SourceVerdict,
    Verdict,
)

Int32 = Annotated[int, Field(ge=0, le=2**31 - 1)]
Name = Annotated[str, Field(max_length=200)]
MAX_SOURCES = 20
MAX_DOCUMENTS = 1_000


class SourceVerdictWire(Wire):
    """A verdict on source `n`."""

    n: Int32
    verdict: Verdict


class SourceSpanWire(Wire):
    """A source's place; a text is refused as an unknown field."""

    n: Int32
    document_id: UUID
    version: Int32
    start: Int32
    end: Int32


class ContextWire(Wire):
    """What the answer was made of."""

    trace_id: str = Field(pattern=r"^[0-9a-f]{32}$")
    model: Name
    prompt_version: Name
    index_version: Name
    sources: list[SourceSpanWire] = Field(default=[], max_length=MAX_SOURCES)


class FeedbackWire(Wire):
    """What a caller says about an answer."""

    answer_id: UUID
    rating: Rating
    reasons: list[Reason] = Field(default=[], max_length=len(Reason))
    comment: str | None = Field(default=None, max_length=4_000)
    correction: str | None = Field(default=None, max_length=8_000)
    sources: list[SourceVerdictWire] = Field(default=[], max_length=MAX_SOURCES)
    context: ContextWire

    def to_feedback(self) -> Feedback:
        """The same without the wire; a reason named twice counts once."""
        context = self.context.model_dump(exclude={"sources"})
        spans = [SourceSpan(**span.model_dump()) for span in self.context.sources]
        return Feedback(
            answer_id=self.answer_id,
            rating=self.rating,
            context=AnswerContext(**context, sources=spans),
            reasons=list(dict.fromkeys(self.reasons)),
            comment=self.comment,
            correction=self.correction,
            sources=[SourceVerdict(**verdict.model_dump()) for verdict in self.sources],
        )


class KeptOut(FeedbackWire):
    """Feedback as it is kept."""

    id: UUID
    subject: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """What is kept, in one flat object."""
        flat = asdict(kept)
        return cls.model_validate(flat | flat.pop("feedback"))


class PageOut(Wire):
    """A page of feedback; `next_cursor` is null on the last."""

    data: list[KeptOut]
    next_cursor: str | None


class RedactionIn(Wire):
    """Documents that are gone."""

    document_ids: list[UUID] = Field(min_length=1, max_length=MAX_DOCUMENTS)


class RedactionOut(Wire):
    """How many ratings lost their words."""

    redacted: int


class DayOut(Wire):
    """One day's ratings, in UTC."""

    day: date
    up: int
    down: int


class StatsOut(Wire):
    """Counts of the last days; a feedback with two reasons counts under both."""

    ratings: dict[Rating, int]
    reasons: dict[Reason, int]
    days: list[DayOut]

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """The counts in the shape of the wire."""
        ratings = {Rating.UP: counts.up, Rating.DOWN: counts.down}
        days = [DayOut(**asdict(day)) for day in counts.days]
        return cls(ratings=ratings, reasons=counts.reasons, days=days)
