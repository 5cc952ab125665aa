"""The dense arm's share of a fused score: chosen on one half of each set's questions, reported on the other.

The gateway's search gives the scores of both arms, which are joined here anew by the gateway's own `fuse` with another
share.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import fmean
from uuid import UUID

from rag_gateway.rag.fuse import W_DENSE, fuse
from rag_gateway.rag.passage import Passage, Scores

from evals.dataset import Dataset, half_of
from evals.gateway import Gateway, Index, Json
from evals.retrieval import ASKERS, documents_of, values
from evals.scorecard import table

SHARES = tuple(step / 10 for step in range(11))


@dataclass(frozen=True)
class Found:
    """A set's questions with what both arms found."""

    dataset: Dataset
    index: Index
    passages: Mapping[str, Sequence[Json]]


def find(gateway: Gateway, dataset: Dataset) -> Found:
    """Loads the set and searches each question once."""
    index = gateway.load(dataset)
    with ThreadPoolExecutor(ASKERS) as pool:
        found = list(pool.map(lambda asked: gateway.search(index, asked.text, "hybrid"), dataset.questions))
    return Found(dataset, index, {a.id: p for a, p in zip(dataset.questions, found, strict=True)})


def compare(found: Sequence[Found]) -> str:
    """nDCG@10 by share, set and half; the share that is best on the first halves on average."""
    rows, means = [], {}
    for share in SHARES:
        by_half = [[_ndcg(one, share, half) for one in found] for half in (0, 1)]
        means[share] = fmean(by_half[0])
        cells = [f"{value:.4f}" for pair in zip(*by_half, strict=True) for value in pair]
        rows.append((f"{share:.1f}", *cells, f"{means[share]:.4f}"))
    head = [f"{one.dataset.name}, {half} half" for one in found for half in ("first", "other")]
    best = max(means, key=means.__getitem__)
    page = table(("dense share", *head, "mean of the first halves"), rows)
    return f"{page}\nBest on the first halves: {best:.1f}; in the code: {W_DENSE:.1f}."


def _ndcg(found: Found, share: float, half: int) -> float:
    rankings = {
        question: documents_of(_joined(passages, share), found.index)
        for question, passages in found.passages.items()
        if half_of(question) == half
    }
    by_question = values(found.dataset, rankings)["nDCG@10"]
    return fmean(by_question[question] for question in rankings)


def _joined(passages: Sequence[Json], share: float) -> list[Json]:
    """The passages in the order that this share gives."""
    scored = [
        Passage(
            n,
            UUID(int=0),
            1,
            "",
            None,
            None,
            0,
            0,
            "",
            scores=Scores(p["scores"]["dense"], p["scores"]["lexical"]),
        )
        for n, p in enumerate(passages)
    ]
    return [passages[passage.chunk_id] for passage in fuse(scored, share)]
