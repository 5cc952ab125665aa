"""`POST /v1/feedback`."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field
from rag_common.wire import Wire

Reason = Literal[
    "wrong", "incomplete", "not_in_sources", "bad_source", "outdated", "unclear", "helpful", "other"
]
"""The feedback service's words."""


class SourceVerdict(Wire):
    """What the caller thinks of one source."""

    n: int = Field(ge=1, le=20)
    verdict: Literal["good", "bad"]


class FeedbackIn(Wire):
    """The caller's opinion of an answer; sent again, it replaces the one before."""

    answer_id: UUID
    rating: Literal["up", "down"]
    reasons: list[Reason] = Field(default_factory=list, max_length=8)
    comment: str | None = Field(None, max_length=4000)
    correction: str | None = Field(None, max_length=8000)
    sources: list[SourceVerdict] = Field(default_factory=list, max_length=20)

    def with_context(self, answer: dict[str, Any]) -> dict[str, Any]:
        """What the feedback service keeps: the opinion, and ids, spans and versions of what it is about."""
        context = {name: answer[name] for name in ("trace_id", "model", "prompt_version", "index_version")}
        spans = ("n", "document_id", "version", "start", "end")
        context["sources"] = [{name: source[name] for name in spans} for source in answer["sources"]]
        return {**self.model_dump(mode="json"), "context": context}
