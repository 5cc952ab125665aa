"""The spans that the stack sent to its trace page, and who called whom in them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

ENTRANCES = {
    "chat interaction": "webapp",
    "POST /v1/chat/completions": "gateway",
    "POST /v1/feedback": "gateway",
    "POST /v1/embeddings": "embedder",
    "POST /internal/feedback": "feedback",
    "POST /internal/redactions": "feedback",
    "llm_request": "llm",
    "ingest": "worker",
    "deliver": "worker",
}
"""The span with which a trace enters a service."""


@dataclass(frozen=True)
class Trace:
    """The spans of one trace, or of many, by id."""

    spans: dict[str, dict[str, Any]]

    @property
    def names(self) -> set[str]:
        """What the spans are called."""
        return {span["name"] for span in self.spans.values()}

    def edges(self) -> set[tuple[str, str]]:
        """(caller, called) for each service that was entered from another's spans."""
        entered = [span for span in self.spans.values() if span["name"] in ENTRANCES]
        callers = ((self._caller(span), ENTRANCES[span["name"]]) for span in entered)
        return {(caller, called) for caller, called in callers if caller}

    def _caller(self, span: dict[str, Any]) -> str | None:
        while (parent := self.spans.get(span["parent_id"] or "")) is not None:
            if parent["name"] in ENTRANCES:
                return ENTRANCES[parent["name"]]
            span = parent
        return None


def read_trace(
    page: str, trace_id: str | None, enough: Callable[[Trace], bool], within_s: float = 20
) -> Trace:
    """The trace (all of the last ones without an id) once it is enough, or as it is when the time is over."""
    until = time.monotonic() + within_s
    while not enough(trace := Trace(_spans(page, trace_id))) and time.monotonic() < until:
        time.sleep(0.5)
    return trace


def _spans(page: str, trace_id: str | None) -> dict[str, dict[str, Any]]:
    query: dict[str, Any] = {"limit": 1000} | ({"trace_id": trace_id} if trace_id else {})
    data = httpx.get(f"{page}/v1/projects/default/spans", params=query).raise_for_status().json()["data"]
    return {span["context"]["span_id"]: span for span in data}
