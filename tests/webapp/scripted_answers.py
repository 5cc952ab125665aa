"""What a scripted gateway may answer, as the HTTP contract writes it."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DOCUMENT = """Quick start
One command installs everything and starts every part.
To start it:
```
make run
```
It takes about three minutes the first time. Then open the page that it prints.
"""
COMMAND = "To start it:\n```\nmake run\n```"
SENTENCE = "It takes about three minutes the first time."


def source(n: int, text: str, **fields: Any) -> dict[str, Any]:
    """One entry of `rag.sources`, cut out of DOCUMENT."""
    start = DOCUMENT.index(text)
    scores = {"dense": 0.7, "lexical": 3.0, "fused": 0.03, "rerank": None}
    place = {"page": None, "start": start, "end": start + len(text)}
    return {
        **{"n": n, "document_id": f"d{n}", "version": 1, "chunk_id": f"c{n}", "title": "README"},
        **{"heading": "Quick start", "uri": "README.md", "metadata": {}, "text": text, "scores": scores},
        **place,
        **fields,
    }


def citation(n: int, answer: str, quote: str | None, evidence: str, marker: int = 0) -> dict[str, Any]:
    """One entry of `rag.citations`, by the quoted text in the answer and the evidence in DOCUMENT."""
    start = answer.index(f"[{n}]", marker)
    spans = {"quote": (answer, quote), "evidence": (DOCUMENT, evidence)}
    found = {
        name: {"start": text.index(words), "end": text.index(words) + len(words)} if words else None
        for name, (text, words) in spans.items()
    }
    return {"n": n, "start": start, "end": start + 3, "supported": True, **found}


QUOTED = f"{COMMAND}\n[1]\n\n“{SENTENCE}” [2]"
BOTH = f"{QUOTED}\n\nRun make run; it takes three minutes. [2]"


@dataclass
class Script:
    """What the next answer is."""

    text: str = BOTH
    answer_mode: str = "both"
    sources: list[dict[str, Any]] = field(default_factory=lambda: [source(1, COMMAND), source(2, SENTENCE)])
    citations: list[dict[str, Any]] = field(default_factory=lambda: [
        citation(1, BOTH, COMMAND, COMMAND),
        citation(2, BOTH, SENTENCE, SENTENCE),
        citation(2, BOTH, None, SENTENCE, marker=len(QUOTED)),
    ])  # fmt: skip
    grounded: bool = True
    degraded: list[str] = field(default_factory=list)
    query: str = ""
    pause_s: float = 0.0
    documents: int = 12
    status: int = 200
    error: dict[str, Any] | None = None
    break_off: bool = False
    content: str | None = DOCUMENT
    raw: list[str] | None = None


TIMINGS = {"embed": 6, "retrieve": 9, "fuse": 1, "pack": 190, "generate": 2300, "first_token": 480, "cite": 3}


def lines(script: Script, body: Any) -> Iterator[str]:
    """The stream of api.md: sources, text in pieces, what it stands on, the end."""
    first = {
        "answer_id": secrets.token_hex(4),
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "answer_mode": script.answer_mode,
    }
    versions = {"model": "SmolLM2-135M-Instruct", "prompt_version": "1", "index_version": "1"}
    yield data(
        {"role": "assistant", "content": ""},
        {**first, **versions, "sources": script.sources, "degraded": script.degraded},
    )
    yield ": heartbeat"
    for at in range(0, len(script.text), 6):
        yield data({"content": script.text[at : at + 6]})
    if script.break_off:
        return
    question = body["messages"][-1]["content"]
    yield data({}, {
        "grounded": script.grounded, "citations": script.citations, "dropped": 1, "degraded": script.degraded,
        "timings_ms": TIMINGS | {"total": 2510}, "query": script.query or question,
    }, finish_reason="stop")  # fmt: skip
    yield "data: [DONE]"


def data(delta: dict[str, Any], rag: dict[str, Any] | None = None, finish_reason: str | None = None) -> str:
    """One chunk as a line."""
    chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}
    return "data: " + json.dumps(chunk | ({"rag": rag} if rag else {}))


def error(code: str, message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """The one error envelope."""
    return {"error": {"message": message, "type": kind, "code": code, "param": None}, "request_id": "r1"}
