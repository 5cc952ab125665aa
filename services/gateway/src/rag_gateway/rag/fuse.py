"""Joins the dense and the lexical ranking into one."""

from collections.abc import Sequence
from dataclasses import replace

from rag_gateway.rag.passage import Passage

W_DENSE = 0.6
"""The dense arm's share of a fused score, the lexical one has the rest. A convex combination of scores beats the sum of
reciprocal ranks: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023. On one half
of each set's questions 0.5 and 0.6 are alike and best: `python -m evals fusion`."""


def fuse(passages: Sequence[Passage], w_dense: float = W_DENSE) -> list[Passage]:
    """Best first by cosine and BM25, each as a share of the best one found; ties by chunk id.

    Each passage has both, whichever arm found it: else one that its words alone find, however well, would lose to
    any that both find.
    """
    best = {arm: max((_score(p, arm) for p in passages), default=0.0) for arm in ("dense", "lexical")}
    fused = {
        p.chunk_id: w_dense * _share(p, "dense", best) + (1 - w_dense) * _share(p, "lexical", best)
        for p in passages
    }
    scored = [replace(p, scores=replace(p.scores, fused=fused[p.chunk_id])) for p in passages]
    return sorted(scored, key=lambda p: (-fused[p.chunk_id], p.chunk_id))


def _score(passage: Passage, arm: str) -> float:
    score = getattr(passage.scores, arm)
    return 0.0 if score is None else float(score)


def _share(passage: Passage, arm: str, best: dict[str, float]) -> float:
    return max(_score(passage, arm), 0.0) / best[arm] if best[arm] > 0 else 0.0
