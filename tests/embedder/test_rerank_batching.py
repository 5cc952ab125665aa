"""Pairs to rerank wait among the questions, in turn with them, and never in a batch with texts to embed."""

import asyncio

import pytest
from rag_embedder.batching import QUESTIONS_IN_A_ROW, Batcher, NoReranker, Scored
from rag_embedder.lanes import QueueFull

from tests.embedder.counting_encoder import CountingEncoder, CountingReranker
from tests.embedder.test_batching import asked, held, running


async def reranked(batcher: Batcher, documents: list[str]) -> asyncio.Task[Scored]:
    """A request to rerank that has been measured and waits."""
    waiting = asyncio.create_task(batcher.rerank("why", documents))
    await asyncio.sleep(0.02)
    return waiting


async def test_scores_come_back_in_the_order_of_their_documents() -> None:
    documents = ["word " * (n * 7 % 20 + 1) for n in range(20)]
    encoder = CountingEncoder()
    async with running(encoder, reranker=CountingReranker(encoder)) as batcher:
        scored = await batcher.rerank("why", documents)
    assert scored.scores == [len(document) for document in documents]
    assert scored.tokens == sum(1 + len(document.split()) for document in documents)


async def test_a_batch_is_of_one_model_however_alike_its_texts_are() -> None:
    encoder = CountingEncoder()
    async with running(encoder, reranker=CountingReranker(encoder)) as batcher:
        async with held(encoder, batcher):
            waiting = [await asked(batcher, ["ask me"]), await reranked(batcher, ["one"] * 2)]
            waiting += [await asked(batcher, ["ask you"]), await reranked(batcher, ["two"] * 2)]
        await asyncio.gather(*waiting)
        assert encoder.batches == [["ask me", "ask you"], ["one", "one", "two", "two"]]


async def test_documents_to_rerank_go_before_the_bulk_that_waits() -> None:
    encoder = CountingEncoder()
    async with running(encoder, reranker=CountingReranker(encoder)) as batcher:
        async with held(encoder, batcher):
            bulk = await asked(batcher, ["chunk"] * 16)
            ranking = await reranked(batcher, ["passage"] * 8)
        await asyncio.gather(bulk, ranking)
        assert encoder.batches == [["passage"] * 4] * 2 + [["chunk"] * 8] * 2


async def test_a_question_does_not_wait_for_all_of_a_long_ranking() -> None:
    encoder = CountingEncoder()
    async with running(encoder, reranker=CountingReranker(encoder)) as batcher:
        async with held(encoder, batcher):
            ranking = await reranked(batcher, ["passage"] * 40)
            question = await asked(batcher, ["question"])
        await asyncio.gather(ranking, question)
        assert encoder.batches.index(["question"]) == 1


async def test_a_long_ranking_leaves_bulk_its_turn() -> None:
    encoder = CountingEncoder()
    async with running(encoder, reranker=CountingReranker(encoder)) as batcher:
        async with held(encoder, batcher):
            bulk = await asked(batcher, ["chunk"] * 2)
            ranking = await reranked(batcher, ["passage"] * 80)
        await asyncio.gather(bulk, ranking)
        assert encoder.batches.index(["chunk"] * 2) <= QUESTIONS_IN_A_ROW


async def test_more_documents_than_may_wait_are_refused() -> None:
    encoder = CountingEncoder()
    async with running(encoder, limit=10, reranker=CountingReranker(encoder)) as batcher:
        with pytest.raises(QueueFull):
            await batcher.rerank("why", ["passage"] * 11)


async def test_without_a_reranker_it_says_what_to_set() -> None:
    async with running(CountingEncoder()) as batcher:
        with pytest.raises(NoReranker, match="RERANKER_MODEL"):
            await batcher.rerank("why", ["passage"])
