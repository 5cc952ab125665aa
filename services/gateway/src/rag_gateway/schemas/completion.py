"""An answer as OpenAI's objects: the whole completion, or its chunks."""

import time
from typing import Any

from rag_gateway.rag.answer import Answer, Event, Started
from rag_gateway.schemas.rag import first_out, last_out, usage_out


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": kind,
        "created": int(time.time()),
        "model": answer.model or "unknown",
    }


def completion(answer: Answer) -> dict[str, Any]:
    """The whole answer."""
    message = {"role": "assistant", "content": answer.text}
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}
    rag = {**first_out(answer), **last_out(answer)}
    return {**_head(answer, "chat.completion"), "choices": [choice], "usage": usage_out(answer), "rag": rag}


class Chunks:
    """One answer's chunks; every one has exactly one choice, as clients index it unasked."""

    def __init__(self, started: Event) -> None:
        assert isinstance(started, Started), "the pipeline's first event is Started"
        self._answer = started.answer
        self._head = _head(started.answer, "chat.completion.chunk")

    def first(self) -> dict[str, Any]:
        """The role and what is known before the first token."""
        return self._chunk({"role": "assistant", "content": ""}) | {"rag": first_out(self._answer)}

    def token(self, text: str) -> dict[str, Any]:
        """The next piece of text."""
        return self._chunk({"content": text})

    def last(self, answer: Answer) -> dict[str, Any]:
        """The reason for the end, and what is known only now."""
        return self._chunk({}, answer.finish_reason) | {"rag": last_out(answer), "usage": usage_out(answer)}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        return {**self._head, "choices": [choice]}
