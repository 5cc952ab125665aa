"""Reads one answer's server-sent events and the clock beside them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any


@dataclass
class Stream:
    """What one streamed answer showed; times are seconds since the request."""

    answer_id: str | None = None
    first_token_s: float | None = None
    last_token_s: float = 0
    tokens: int = 0
    failure: str | None = "the stream ended without [DONE]"

    @property
    def tokens_per_s(self) -> float | None:
        """Speed after the first token; None where no model wrote two of them."""
        if self.first_token_s is None or self.tokens < 2 or self.last_token_s <= self.first_token_s:
            return None
        return (self.tokens - 1) / (self.last_token_s - self.first_token_s)


def read_stream(lines: Iterable[bytes], started: float) -> Stream:
    """Follows the events to `[DONE]` or to the error that ends them early."""
    stream = Stream()
    for line in lines:
        if not line.startswith(b"data: "):
            continue
        data = line.removeprefix(b"data: ")
        if data == b"[DONE]":
            stream.failure = None if stream.first_token_s is not None else "empty answer"
            break
        _take(stream, json.loads(data), perf_counter() - started)
    return stream


def _take(stream: Stream, event: dict[str, Any], at_s: float) -> None:
    if "error" in event:
        stream.failure = event["error"]["message"]
        return
    stream.answer_id = (event.get("rag") or {}).get("answer_id", stream.answer_id)
    stream.tokens = (event.get("usage") or {}).get("completion_tokens", stream.tokens)
    if event["choices"][0]["delta"].get("content"):
        stream.first_token_s = at_s if stream.first_token_s is None else stream.first_token_s
        stream.last_token_s = at_s
