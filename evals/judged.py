"""Sentences of the packaged model that were judged by reading, and what the gateway's rules say of them now.

`judged/both.jsonl` has a question, a sentence that `both` sent, the document and span of its quotation, and whether
that says what the sentence says; `judged/write.jsonl` the sentences of `write` with the document that is nearest.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import Any
from uuid import UUID

from openai import OpenAI
from rag_gateway.ingest.parse import parse
from rag_gateway.ingest.split import split
from rag_gateway.rag.entailment import bears
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.support import Sources

from evals.dataset import Dataset, Document
from evals.scorecard import table

FOLDER = Path(__file__).parent / "judged"
NOBODY = UUID(int=0)
COSINES = (0.5, 0.6, 0.7, 0.8)
Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Unit vectors of texts."""


@dataclass(frozen=True)
class Judged:
    """One sentence; `accepted` is the rule's verdict, `true` the reader's."""

    accepted: bool
    true: bool


def report(dataset: Dataset, embed: Embed | None = None) -> str:
    """A table: how many of the sentences that the rule accepts are true, and how many of the true ones it accepts.

    With `embed` also what were left if the sentence and its evidence had to be alike by their vectors, too (ADR 0016).
    """
    rows = [
        _row("both: says what its quotation says", both(dataset)),
        _row("write: a passage supports it", write(dataset)),
    ]
    for cosine in COSINES if embed else ():
        rows.append(_row(f"write: and its cosine is {cosine} or more", write(dataset, embed, cosine)))
    return table(("Sentences", "judged", "true", "accepted", "precision", "recall"), rows)


def embedding(url: str) -> Embed:
    """What an embedder makes of texts."""
    client = OpenAI(base_url=f"{url}/v1", api_key="none")
    model = client.models.list().data[0].id
    return lambda texts: [
        found.embedding for found in client.embeddings.create(model=model, input=list(texts)).data
    ]


def both(dataset: Dataset) -> list[Judged]:
    """Each sentence by its quotation."""
    documents = {document.id: document for document in dataset.documents}
    return [
        Judged(bears(documents[row["document"]].text[slice(*row["unit"])], row["sentence"]), row["true"])
        for row in _rows("both")
    ]


def write(dataset: Dataset, embed: Embed | None = None, cosine: float = 0) -> list[Judged]:
    """Each sentence by the passages of its document; with `embed` its cosine to the evidence must be so high, too."""
    documents = {document.id: document for document in dataset.documents}
    judged = []
    for row in _rows("write"):
        document = documents[row["document"]]
        support = Sources(passages_of(document)).best_support(row["sentence"])
        accepted = support is not None
        if support and embed:
            accepted = (
                sum(map(mul, *embed([row["sentence"], document.text[slice(*support.evidence)]]))) >= cosine
            )
        judged.append(Judged(accepted, row["true"]))
    return judged


def passages_of(document: Document) -> list[Passage]:
    """As the gateway cuts it."""
    return [
        Passage(
            chunk_id=number,
            document_id=NOBODY,
            version=1,
            title=document.title,
            uri=None,
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            heading=chunk.heading,
            units=chunk.units,
        )
        for number, chunk in enumerate(split(parse(document.text.encode(), "text/plain")))
    ]


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def _row(name: str, judged: Sequence[Judged]) -> tuple[str, ...]:
    accepted, true = sum(each.accepted for each in judged), sum(each.true for each in judged)
    right = sum(each.accepted and each.true for each in judged)
    shares = (f"{right / whole:.2f}" if whole else "–" for whole in (accepted, true))
    return name, str(len(judged)), str(true), str(accepted), *shares
