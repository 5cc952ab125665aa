"""Answers read again: quoted text comes from the documents as they are now, with the reader's rights."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from rag_gateway.keys import Caller
from rag_gateway.rag.answer import Answer, Event, Finished
from rag_gateway.rag.render import render

Events = AsyncGenerator[Event, None]
REMOVED = "[removed]"


@dataclass(frozen=True)
class StoredSpan:
    """Characters of a version's parsed text."""

    document_id: UUID
    version: int
    start: int
    end: int


@dataclass(frozen=True)
class ReadSpan:
    """What a span holds now."""

    text: str
    title: str
    uri: str | None
    metadata: Mapping[str, Any]


class AnswerStore(Protocol):
    """Where answers are kept."""

    async def save(self, answer: Answer, caller: Caller) -> None:
        """Keeps a complete answer: the model's words, and spans in place of the sources' words."""

    async def row(self, answer_id: UUID, caller: Caller) -> dict[str, Any]:
        """What was kept; raises NotFound for an answer that is not the caller's."""

    async def read_spans(self, spans: Sequence[StoredSpan], caller: Caller) -> list[ReadSpan | None]:
        """The text of each span; None where it is gone or the caller may not read it."""


async def kept(events: Events, store: AnswerStore, caller: Caller) -> Events:
    """The same events; an answer is kept before it is called finished, so that feedback on it finds it."""
    async with aclosing(events) as ours:
        async for event in ours:
            if isinstance(event, Finished):
                await store.save(event.answer, caller)
            yield event


async def read_answer(answer_id: UUID, caller: Caller, store: AnswerStore) -> dict[str, Any]:
    """The answer with its text and sources rendered anew; removed ones say so."""
    row = await store.row(answer_id, caller)
    units = [part["unit"] for part in row["parts"] if "unit" in part]
    spans = [_span(source) for source in row["sources"]] + [_span(unit) for unit in units]
    read = await store.read_spans(spans, caller)
    sources, quoted = read[: len(row["sources"])], read[len(row["sources"]) :]
    text, citations = _rendered(row["parts"], quoted, row["citations"])
    shown = [_source(source, found) for source, found in zip(row["sources"], sources, strict=True)]
    return {**row, "answer": text, "sources": shown, "citations": citations}


def _rendered(
    parts: Sequence[Mapping[str, Any]], quoted: Sequence[ReadSpan | None], kept: Sequence[Mapping[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """The text and its citations: a quotation's come first, in order, and all move with what has become shorter."""
    text, moved_by, citations = "", 0, []
    found, of_quotations = iter(quoted), iter(kept)
    for part in parts:
        if "text" in part:
            text += part["text"]
            continue
        citation, span = next(of_quotations), next(found)
        text += _quoted(part["unit"], span)
        moved_by = len(text) - citation["end"]
        gone = {"supported": False, "quote": None, "evidence": None} if span is None else {}
        citations.append({**_moved(citation, moved_by), **gone})
    return text, citations + [_moved(citation, moved_by) for citation in of_quotations]


def _moved(kept: Mapping[str, Any], by: int) -> dict[str, Any]:
    quote = kept["quote"] and {edge: at + by for edge, at in kept["quote"].items()}
    return {**kept, "start": kept["start"] + by, "end": kept["end"] + by, "quote": quote}


def _span(stored: Mapping[str, Any]) -> StoredSpan:
    return StoredSpan(UUID(stored["document_id"]), stored["version"], stored["start"], stored["end"])


def _quoted(unit: Mapping[str, Any], found: ReadSpan | None) -> str:
    if found is None:
        return f"{REMOVED} [{unit['n']}]"
    return render(found.text, unit["kind"], unit["n"], unit["start"], unit["cut"]).text


def _source(stored: Mapping[str, Any], found: ReadSpan | None) -> dict[str, Any]:
    if found is None:
        return {**stored, "removed": True, "text": None, "title": None, "uri": None, "metadata": {}}
    return {
        **stored,
        "removed": False,
        "text": found.text,
        "title": found.title,
        "uri": found.uri,
        "metadata": found.metadata,
    }
