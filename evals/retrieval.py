"""How well each way of searching finds what is relevant, by the standard measures of ir-measures."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

import bm25s
import ir_measures
import Stemmer
from ir_measures import R, Success, nDCG

from evals.dataset import Dataset
from evals.gateway import Gateway, Index, Json

MEASURES = {"nDCG@10": nDCG @ 10, "recall@100": R @ 100, "hit@1": Success @ 1, "hit@5": Success @ 5}
ASKERS = 4
K1, B = 0.9, 0.4
"""Those of the reference figures: Lucene's BM25 as Anserini sets it."""

Ranking = Sequence[str]
"""Documents of the set, best first."""


@dataclass(frozen=True)
class Measured:
    """One way of searching: each measure's value for each question."""

    by_question: Mapping[str, Mapping[str, float]]
    """Measure, question, value."""
    rankings: Mapping[str, Ranking]
    seconds: float
    """The median search's, four at a time, each for 200 passages."""


def measure_retrieval(gateway: Gateway, dataset: Dataset, index: Index) -> dict[str, Measured]:
    """Every mode, and `reranked` where a reranker is configured; `bm25s` beside them as the peer."""
    has_reranker = gateway.has_reranker(index)
    rerank = False if has_reranker else None
    ways: dict[str, Callable[[str], Ranking]] = {
        mode: _searching(gateway, index, mode, rerank) for mode in ("dense", "lexical", "hybrid")
    }
    if has_reranker:
        ways["reranked"] = _searching(gateway, index, "hybrid", rerank=True)
    ways["bm25s, whole documents"] = whole_document_bm25(dataset)
    return {name: _measured(dataset, search) for name, search in ways.items()}


def whole_document_bm25(dataset: Dataset) -> Callable[[str], Ranking]:
    """The peer: bm25s (lucene, English stemmer) on whole documents with their titles."""
    documents = [document for document in dataset.documents if document.text.strip()]
    stemmer, ids = Stemmer.Stemmer("english"), [document.id for document in documents]

    def tokens(texts: list[str]) -> bm25s.tokenization.Tokenized:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
    retriever.index(tokens([f"{d.title}\n{d.text}" for d in documents]), show_progress=False)

    def search(query: str) -> Ranking:
        most = min(100, len(ids))
        found = retriever.retrieve(tokens([query]), k=most, show_progress=False)[0][0]
        return [ids[int(at)] for at in found]

    return search


def _searching(
    gateway: Gateway, index: Index, mode: str, rerank: bool | None = None
) -> Callable[[str], Ranking]:
    return lambda query: documents_of(gateway.search(index, query, mode, rerank), index)


def documents_of(passages: Sequence[Json], index: Index) -> list[str]:
    """The set's documents in the order of their best passages, at most a hundred."""
    return list(dict.fromkeys(index.ids[passage["document_id"]] for passage in passages))[:100]


def _measured(dataset: Dataset, search: Callable[[str], Ranking]) -> Measured:
    with ThreadPoolExecutor(ASKERS) as pool:
        found = list(pool.map(lambda asked: _timed(search, asked.text), dataset.questions))
    rankings = {asked.id: ranking for asked, (ranking, _) in zip(dataset.questions, found, strict=True)}
    return Measured(values(dataset, rankings), rankings, median(seconds for _, seconds in found))


def _timed(search: Callable[[str], Ranking], query: str) -> tuple[Ranking, float]:
    started = time.perf_counter()
    return search(query), time.perf_counter() - started


def values(dataset: Dataset, rankings: Mapping[str, Ranking]) -> dict[str, dict[str, float]]:
    """Each measure's value for each question; one that found nothing has 0."""
    relevant = {asked.id: dict(dataset.relevant[asked.id]) for asked in dataset.questions}
    run = {
        question: {document: 1.0 / (at + 1) for at, document in enumerate(ranking)}
        for question, ranking in rankings.items()
    }
    by_question: dict[str, dict[str, float]] = {
        name: {asked.id: 0.0 for asked in dataset.questions} for name in MEASURES
    }
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), relevant, run):
        by_question[names[metric.measure]][metric.query_id] = float(metric.value)
    return by_question
