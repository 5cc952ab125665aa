"""Joins the dense and the lexical ranking into one."""

from collections.abc import Sequence
from dataclasses import replace

from rag_gateway.rag.passage import Passage

K = 60
"""Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009: 60 was best and hardly mattered."""


def fuse(passages: Sequence[Passage]) -> list[Passage]:
    """Best first by the sum of 1 / (60 + rank) over the arms that found a passage; ties by chunk id."""
    fused = dict.fromkeys((passage.chunk_id for passage in passages), 0.0)
    for arm in ("dense", "lexical"):
        found = [p for p in passages if getattr(p.scores, arm) is not None]
        found.sort(key=lambda p: (-getattr(p.scores, arm), p.chunk_id))
        for rank, passage in enumerate(found, start=1):
            fused[passage.chunk_id] += 1 / (K + rank)
    scored = [replace(p, scores=replace(p.scores, fused=fused[p.chunk_id])) for p in passages]
    return sorted(scored, key=lambda p: (-fused[p.chunk_id], p.chunk_id))
