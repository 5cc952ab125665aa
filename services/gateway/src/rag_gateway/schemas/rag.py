"""The `rag` object: sources, citations and facts of one answer, as replies carry them."""

from dataclasses import asdict
from typing import Any

from rag_gateway.rag.answer import Answer
from rag_gateway.rag.citation import Citation, Span
from rag_gateway.rag.passage import Passage


def source_out(n: int, passage: Passage) -> dict[str, Any]:
    """One numbered source with its text and why it was found."""
    scores = passage.scores
    return {
        "n": n,
        "document_id": str(passage.document_id),
        "version": passage.version,
        "chunk_id": str(passage.chunk_id),
        "title": passage.title,
        "uri": passage.uri,
        "heading": passage.heading,
        "metadata": dict(passage.metadata),
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "scores": {
            "dense": scores.dense,
            "lexical": scores.lexical,
            "fused": scores.fused,
            "rerank": scores.rerank,
        },
    }


def sources_out(answer: Answer) -> list[dict[str, Any]]:
    """The sources in the order of their numbers."""
    return [source_out(n, passage) for n, passage in enumerate(answer.sources, start=1)]


def _span(span: Span | None) -> dict[str, int] | None:
    return None if span is None else {"start": span.start, "end": span.end}


def citation_out(citation: Citation) -> dict[str, Any]:
    """One marker: where it stands, what it cites in the answer, what supports it in the source."""
    return {
        "n": citation.n,
        "start": citation.start,
        "end": citation.end,
        "supported": citation.supported,
        "quote": _span(citation.quote),
        "evidence": _span(citation.evidence),
    }


def grounding_out(answer: Answer) -> dict[str, Any] | None:
    """How well the sources seem to answer the question, and by what signs."""
    signs = answer.grounding
    if signs is None:
        return None
    rounded = {name: value and round(value, 4) for name, value in asdict(signs).items()}
    return {"likelihood": round(signs.likelihood, 4), "enough": signs.enough, **rounded}


def usage_out(answer: Answer) -> dict[str, int]:
    """Tokens of all model calls."""
    usage = answer.usage
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def first_out(answer: Answer) -> dict[str, Any]:
    """What is known before the first token."""
    return {
        "answer_id": str(answer.id),
        "trace_id": answer.trace_id,
        "answer_mode": answer.answer_mode,
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "index_version": answer.index_version,
        "sources": sources_out(answer),
        "degraded": list(answer.degraded),
    }


def last_out(answer: Answer) -> dict[str, Any]:
    """What is known only after the last token."""
    return {
        "grounded": answer.grounded,
        "citations": [citation_out(citation) for citation in answer.citations],
        "dropped": answer.dropped,
        "grounding": grounding_out(answer),
        "query": answer.query,
        "timings_ms": dict(answer.timings_ms),
        "degraded": list(answer.degraded),
    }
