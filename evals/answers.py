"""What answers are worth: containment, F1, citations, refusals, with the passages there and with them taken away."""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rag_gateway.rag.instead import UNSUPPORTED
from rag_gateway.rag.sentences import sentence_spans

from evals.dataset import Asked, Dataset
from evals.gateway import MARK, Gateway, Index, Json
from evals.measures import contains, token_f1, word_count

SUPPORTED = 0.7
"""Share of a sentence's longer words that one sentence of the passage it cites, and its title, must hold."""
ASKERS = 2
_MARKER = re.compile(r"\[\d+\]")
_MARKERS_BEHIND = re.compile(r"\s*(?:\[\d+\]\s*)+")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z]\w+")
_DENIED = re.compile(r"\b(?:not?|never|none|without)\b|n['’]t\b", re.I)


@dataclass(frozen=True)
class Answered:
    """One question's answer, measured; what depends on right answers is None where the set has none."""

    question: str
    text: str
    refused: bool
    """A plain sentence stands in place of an answer."""
    unsupported: bool
    """The model's answer ends by saying that no passage supports it."""
    contained: bool | None
    f1: float | None
    words: int
    sentences: int
    cited_sentences: int
    citations: int
    supported: int
    """Citations whose passage says what they stand behind."""
    exact: int
    """Of the quotations, those that are the source's own characters."""
    quotations: int
    relevant: bool
    """Whether a cited document is one that the set calls relevant."""
    dropped: int
    seconds: float
    grounding: Mapping[str, Any]
    versions: Mapping[str, str]


def ask_all(
    gateway: Gateway, dataset: Dataset, index: Index, mode: str, at_once: int = ASKERS, **rag: Any
) -> list[Answered]:
    """Each question once, in this answer mode."""
    return _all(dataset, at_once, lambda asked: _answered(gateway, dataset, index, asked, mode, **rag))


def ask_without_evidence(gateway: Gateway, dataset: Dataset, index: Index, mode: str) -> list[Answered]:
    """Each question with all documents left out that the set calls relevant to it."""

    def one(asked: Asked) -> Answered:
        gone = {"not": {MARK: {"in": sorted(dataset.relevant[asked.id])}}}
        return _answered(gateway, dataset, index, asked, mode, filter=gone)

    return _all(dataset, ASKERS, one)


def ask_with_evidence_alone(
    gateway: Gateway, dataset: Dataset, index: Index, mode: str, at_once: int
) -> list[Answered]:
    """Each question with nothing to search but the documents that the set calls relevant to it."""

    def one(asked: Asked) -> Answered:
        alone = {MARK: {"in": sorted(dataset.relevant[asked.id])}}
        return _answered(gateway, dataset, index, asked, mode, filter=alone, abstain=False)

    return _all(dataset, at_once, one)


def _all(dataset: Dataset, at_once: int, ask: Callable[[Asked], Answered]) -> list[Answered]:
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(ask, dataset.questions))


def _answered(
    gateway: Gateway, dataset: Dataset, index: Index, asked: Asked, mode: str, **rag: Any
) -> Answered:
    reply, seconds = gateway.ask(index, asked.text, mode, **rag)
    text, ours = str(reply["choices"][0]["message"]["content"]), reply["rag"]
    sources = {source["n"]: source for source in ours["sources"]}
    cited = {index.ids[sources[citation["n"]]["document_id"]] for citation in ours["citations"]}
    quotations = [citation for citation in ours["citations"] if _is_quotation(text, citation)]
    told = [citation for citation in ours["citations"] if citation not in quotations]
    exact = sum(_is_exact(gateway, text, citation, sources[citation["n"]]) for citation in quotations)
    sentences, behind = _sentences(text.removesuffix(UNSUPPORTED), ours["citations"])
    refused = not ours["grounded"] and not reply["usage"]["completion_tokens"]
    unsupported = not ours["grounded"] and not refused
    right = None if not asked.answers else (not refused and contains(text, asked.answers))
    return Answered(
        question=asked.id,
        text=text,
        refused=refused,
        unsupported=unsupported,
        contained=right,
        f1=None if not asked.answers else (0.0 if refused else token_f1(text, asked.answers)),
        words=word_count(text),
        sentences=sentences,
        cited_sentences=behind,
        citations=len(ours["citations"]),
        supported=exact + sum(_supports(text, citation, sources[citation["n"]]) for citation in told),
        exact=exact,
        quotations=len(quotations),
        relevant=bool(cited & set(dataset.relevant[asked.id])),
        dropped=ours["dropped"],
        seconds=seconds,
        grounding=ours["grounding"] or {},
        versions={name: ours[name] for name in ("model", "prompt_version", "index_version")},
    )


def _is_quotation(text: str, citation: Json) -> bool:
    quote = citation["quote"]
    return bool(quote) and (
        text[quote["start"] - 1 : quote["start"]] == "“" or "```" in _cited(text, citation)
    )


def _cited(text: str, citation: Json) -> str:
    """What the marker stands behind: its quotation, or the sentence before it."""
    if citation["quote"]:
        return text[citation["quote"]["start"] : citation["quote"]["end"]]
    before = text[: citation["start"]].rstrip()
    spans = sentence_spans(_MARKER.sub(lambda marker: " " * len(marker[0]), before))
    return before[slice(*spans[-1])] if spans else ""


def _is_exact(gateway: Gateway, text: str, citation: Json, source: Json) -> bool:
    """The quotation is its evidence, read again from the document; numbers in brackets became parentheses."""
    evidence = citation["evidence"]
    stored = gateway.text(source, evidence["start"], evidence["end"])
    bare = str.maketrans("[]", "()")
    return _cited(text, citation).translate(bare) == stored.translate(bare)


def _supports(text: str, citation: Json, source: Json) -> bool:
    """What cites the passage has its numbers and names, and one of its sentences most of the words, denied alike."""
    return supported(
        _MARKER.sub("", _cited(text, citation)), f"{source['title']} {source['heading']}", source["text"]
    )


def supported(statement: str, title: str, passage: str) -> bool:
    """The evaluation's own judgement, apart from the gateway's; `python -m evals mutated` says what it misses."""
    known, words = _words(f"{title} {passage}"), _words(statement)
    names = {name.lower() for name in _NAME.findall(statement)}
    numbers = set(_NUMBER.findall(statement))
    longer = {word for word in words if len(word) > 3} or words
    if not longer or not names <= known or not numbers <= set(_NUMBER.findall(passage)):
        return False
    spans = [passage[slice(*span)] for span in sentence_spans(passage)]
    return any(
        len(longer & _words(f"{title} {one}")) >= SUPPORTED * len(longer)
        and bool(_DENIED.search(one)) == bool(_DENIED.search(statement))
        for one in spans
    )


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _sentences(text: str, citations: Sequence[Json]) -> tuple[int, int]:
    """How many statements an answer makes, and behind how many a marker stands; a quotation is one statement."""
    starts = {citation["start"] for citation in citations}
    statements = behind = 0
    for paragraph in re.split(r"\n{2,}", text):
        at = text.index(paragraph)
        masked = _MARKER.sub(lambda marker: " " * len(marker[0]), paragraph)
        quoted = paragraph.lstrip().startswith(("“", "```")) or "```" in paragraph
        spans = [(0, len(paragraph))] if quoted else [*sentence_spans(masked)]
        for n, (start, end) in enumerate(spans):
            following = spans[n + 1][0] if n + 1 < len(spans) else len(paragraph)
            statements += 1
            behind += any(at + start < marker < at + max(end, following) for marker in starts)
    return statements, behind
