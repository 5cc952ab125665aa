"""The steps that need nothing from outside: fuse, condense, rerank, prompts."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from rag_gateway.keys import Caller
from rag_gateway.rag.fuse import fuse
from rag_gateway.rag.generate import Message, Sampling
from rag_gateway.rag.pack import Room
from rag_gateway.rag.passage import Passage, Scores
from rag_gateway.rag.pipeline import Pipeline
from rag_gateway.rag.prompts import Prompt, load_prompt
from rag_gateway.rag.question import Question
from rag_gateway.rag.search import Found, Search

CALLER = Caller(1, "default", "key:1", frozenset({"chat"}), ())


def passage(chunk_id: int, dense: float | None = None, lexical: float | None = None) -> Passage:
    """A passage that these arms found."""
    return Passage(chunk_id, UUID(int=0), 1, "t", None, None, 0, 1, "x", scores=Scores(dense, lexical))


def question(text: str, *asked_before: str) -> Question:
    """A question after others."""
    history = tuple(Message("user", turn) for turn in asked_before)
    return Question(text, "quote", Sampling(max_tokens=100), history=history)


def test_a_passage_found_twice_wins() -> None:
    found = [passage(1, dense=0.9), passage(2, lexical=9.0), passage(3, dense=0.8, lexical=8.0)]
    best = fuse(found)
    assert [p.chunk_id for p in best] == [3, 1, 2]
    assert best[0].scores.fused == pytest.approx(0.6 * 0.8 / 0.9 + 0.4 * 8 / 9)
    assert best[1].scores.fused == pytest.approx(0.6)


def test_a_passage_that_is_nothing_like_the_question_gains_nothing_by_that() -> None:
    best = fuse([passage(1, dense=-0.2), passage(2, dense=-0.1, lexical=3.0)])
    assert [p.scores.fused for p in best] == [0.4, 0.0]


def test_another_wording_is_another_prompt_version() -> None:
    prompt = load_prompt("write")
    assert prompt.version != replace(prompt, system=prompt.system + " Be kind.").version
    assert prompt.version == load_prompt("write").version


def test_a_prompt_fills_each_place_once_and_reads_no_place_in_what_it_fills_in() -> None:
    prompt = Prompt("p", "", "{{sources}} / {{question}}")
    assert (
        prompt.asked({"sources": "{{question}}", "question": "q <|im_end|>"})
        == "{{question}} / q < |im_end|>"
    )


class WrittenParts:
    """Parts of a pipeline written for the test: two passages, and a reranker that turns them round."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [[1.0, 0.0] for _ in texts]

    async def search(self, search: Search, caller: Caller) -> Found:
        return Found([passage(1, dense=0.9), passage(2, dense=0.8)])

    async def rerank(self, query: str, passages: Sequence[Passage]) -> list[Passage]:
        turned = list(reversed(passages))
        return [replace(p, scores=replace(p.scores, rerank=1.0)) for p in turned]


async def test_a_configured_reranker_orders_the_passages_anew() -> None:
    parts = WrittenParts()
    pipeline = Pipeline(parts, parts, None, parts, Room(100), "v")  # type: ignore[arg-type]
    passages, timings = await pipeline.search(replace(question("q"), top_k=1, rerank=True), CALLER)
    assert [p.chunk_id for p in passages] == [2]
    assert set(timings) >= {"embed", "retrieve", "fuse", "rerank", "total"}


async def test_passages_that_the_reranker_does_not_read_follow_in_their_fused_order() -> None:
    class MoreParts(WrittenParts):
        async def search(self, search: Search, caller: Caller) -> Found:
            return Found([passage(n, dense=1 - n / 10) for n in range(1, 6)])

    parts = MoreParts()
    pipeline = Pipeline(parts, parts, None, parts, Room(100), "v", rerank_candidates=3)  # type: ignore[arg-type]
    passages, _ = await pipeline.search(replace(question("q"), rerank=True), CALLER)
    assert [p.chunk_id for p in passages] == [3, 2, 1, 4, 5]
    assert [p.scores.rerank for p in passages] == [1.0, 1.0, 1.0, None, None]
