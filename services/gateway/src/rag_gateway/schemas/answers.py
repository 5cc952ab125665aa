"""`GET /v1/answers/{id}`."""

from collections.abc import Mapping
from typing import Any

KEPT = (
    "question",
    "answer",
    "query",
    "grounded",
    "degraded",
    "answer_mode",
    "sources",
    "citations",
    "dropped",
    "finish_reason",
    "usage",
    "timings_ms",
    "model",
    "prompt_version",
    "index_version",
    "trace_id",
)


def answer_out(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as it is kept, with text and sources as they can be read now."""
    head = {"id": str(answer["id"]), "created_at": answer["created_at"].isoformat()}
    return head | {name: answer[name] for name in KEPT}
