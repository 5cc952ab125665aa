"""Concurrent requests share batches: questions first, none starved, nothing computed for who has gone."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from rag_common.deadline import set_deadline
from rag_common.errors import DeadlineExceeded, Unavailable
from rag_embedder.batching import (
    QUESTIONS_IN_A_ROW,
    Batcher,
    Embedded,
    EncodingFailed,
    ModelLoading,
)
from rag_embedder.lanes import QueueFull
from rag_embedder.model import Models, Rows

from tests.embedder.counting_encoder import BROKEN, CountingEncoder, CountingReranker


@asynccontextmanager
async def running(
    encoder: CountingEncoder, limit: int = 100, reranker: CountingReranker | None = None
) -> AsyncIterator[Batcher]:
    """A batcher that is ready; the batch of its warm-up is forgotten."""
    batcher = Batcher(lambda: Models(encoder, reranker), limit)
    work = asyncio.create_task(batcher.run())
    async with asyncio.timeout(10):
        await _ready(batcher)
    encoder.batches.clear()
    try:
        yield batcher
    finally:
        encoder.gate.set()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _ready(batcher: Batcher) -> None:
    while True:
        try:
            return await batcher.check()
        except Unavailable:
            await asyncio.sleep(0.001)


@asynccontextmanager
async def held(encoder: CountingEncoder, batcher: Batcher) -> AsyncIterator[None]:
    """Inside, one batch computes and all else waits; afterwards only what waited is remembered."""
    encoder.gate.clear()
    encoder.entered.clear()
    first = asyncio.create_task(batcher.embed(["first"]))
    assert await asyncio.to_thread(encoder.entered.wait, 10)
    yield
    await asyncio.sleep(0.1)  # the last of those who ask are measured in a thread before they wait
    encoder.batches.clear()
    encoder.gate.set()
    await first


async def asked(batcher: Batcher, texts: list[str]) -> asyncio.Task[Embedded]:
    """A request that has been measured and waits."""
    waiting = asyncio.create_task(batcher.embed(texts))
    await asyncio.sleep(0.02)
    return waiting


async def test_concurrent_questions_share_a_batch() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            questions = [await asked(batcher, [name]) for name in ("a", "bb", "ccc")]
        lengths = [(await question).vectors.tolist() for question in questions]
        assert lengths == [[[1.0]], [[2.0]], [[3.0]]]
        assert [sorted(batch) for batch in encoder.batches] == [["a", "bb", "ccc"]]


async def test_vectors_come_back_in_the_order_of_their_texts() -> None:
    texts = ["word " * (n * 7 % 20 + 1) for n in range(20)]
    async with running(CountingEncoder()) as batcher:
        embedded = await batcher.embed(texts)
    assert embedded.vectors[:, 0].tolist() == [len(text) for text in texts]
    assert embedded.tokens == sum(len(text.split()) for text in texts)


async def test_a_batch_holds_texts_of_similar_length() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        await batcher.embed(["long " * 50, "short"] * 8)
    assert [len(set(batch)) for batch in encoder.batches] == [1, 1]


async def test_a_question_goes_before_the_bulk_that_waits() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            bulk = await asked(batcher, ["chunk"] * 16)
            question = await asked(batcher, ["question"])
        await asyncio.gather(bulk, question)
        assert encoder.batches == [["question"], ["chunk"] * 8, ["chunk"] * 8]


async def test_who_says_its_lane_waits_there_whatever_it_brings() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            document = asyncio.create_task(batcher.embed(["document"], "bulk"))
            await asyncio.sleep(0.05)
            sentences = asyncio.create_task(batcher.embed(["sentence"] * 3, "question"))
            await asyncio.sleep(0.05)
        await asyncio.gather(document, sentences)
        assert encoder.batches == [["sentence"] * 3, ["document"]]


async def test_a_flood_of_questions_leaves_bulk_its_turn() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            bulk = await asked(batcher, ["chunk"] * 2)
            questions = [await asked(batcher, ["question"]) for _ in range(8 * (QUESTIONS_IN_A_ROW + 1))]
        await asyncio.gather(bulk, *questions)
        assert encoder.batches.index(["chunk"] * 2) <= QUESTIONS_IN_A_ROW


async def test_a_small_bulk_does_not_wait_for_all_of_a_large_one() -> None:
    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            large = await asked(batcher, ["large"] * 64)
            small = await asked(batcher, ["small"] * 2)
        await asyncio.gather(large, small)
        assert any("small" in batch for batch in encoder.batches[:2])


async def test_as_many_batches_are_computed_side_by_side_as_the_device_can() -> None:
    class Meeting(CountingEncoder):
        batches_at_once = 2
        both_inside = threading.Barrier(2)

        def encode(self, items: Sequence[str]) -> Rows:
            if items[0] != "warm up":
                self.both_inside.wait(10)
            return super().encode(items)

    async with running(encoder := Meeting()) as batcher:
        await batcher.embed(["chunk"] * 16)
    assert encoder.batches == [["chunk"] * 8] * 2


async def test_a_batch_keeps_to_its_tokens_with_padding_counted() -> None:
    encoder = CountingEncoder()
    encoder.window = 6_000
    async with running(encoder) as batcher:
        await batcher.embed(["word " * 5_000] * 5 + ["word"] * 5)
    sizes = [len(batch) * max(len(text.split()) for text in batch) for batch in encoder.batches]
    assert max(sizes) <= CountingEncoder.batch_tokens
    assert sum(len(batch) for batch in encoder.batches) == 10


async def test_a_text_longer_than_the_whole_budget_is_still_encoded() -> None:
    encoder = CountingEncoder()
    encoder.window = 2 * CountingEncoder.batch_tokens
    async with running(encoder) as batcher:
        await batcher.embed(["word " * (CountingEncoder.batch_tokens + 1)] * 2)
    assert [len(batch) for batch in encoder.batches] == [1, 1]


async def test_only_the_tokens_that_the_model_reads_are_counted() -> None:
    async with running(CountingEncoder()) as batcher:
        assert (await batcher.embed(["word " * 1_500])).tokens == CountingEncoder.window


async def test_a_full_lane_refuses_and_the_other_does_not() -> None:
    async with running(encoder := CountingEncoder(), limit=10) as batcher:
        async with held(encoder, batcher):
            bulk = await asked(batcher, ["chunk"] * 9)
            with pytest.raises(QueueFull) as refusal:
                await batcher.embed(["chunk"] * 2)
            assert refusal.value.headers()["retry-after"]
            question = await asked(batcher, ["question"])
        await asyncio.gather(bulk, question)
        assert len((await batcher.embed(["chunk"] * 10)).vectors) == 10


async def test_nothing_is_computed_for_a_client_that_has_gone() -> None:
    async with running(encoder := CountingEncoder(), limit=16) as batcher:
        async with held(encoder, batcher):
            gone = await asked(batcher, ["gone"] * 16)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            stays = await asked(batcher, ["stays"] * 16)
        await stays
        assert encoder.batches == [["stays"] * 8] * 2


async def test_nothing_is_computed_after_the_deadline() -> None:
    async def hurried(batcher: Batcher) -> Embedded:
        set_deadline(0.05)
        return await batcher.embed(["late"])

    async with running(encoder := CountingEncoder()) as batcher:
        async with held(encoder, batcher):
            with pytest.raises(DeadlineExceeded):
                await asyncio.create_task(hurried(batcher))
            punctual = await asked(batcher, ["punctual"])
        await punctual
        assert encoder.batches == [["punctual"]]


async def test_a_batch_that_fails_takes_no_other_with_it() -> None:
    async with running(CountingEncoder()) as batcher:
        with pytest.raises(EncodingFailed):
            await batcher.embed([BROKEN, "its", "companions"])
        assert len((await batcher.embed(["the next"])).vectors) == 1


async def test_before_the_model_is_there_requests_are_told_to_come_back() -> None:
    batcher = Batcher(lambda: Models(CountingEncoder()), 10)
    with pytest.raises(ModelLoading):
        await batcher.embed(["early"])
    with pytest.raises(Exception, match="loading model"):
        await batcher.check()


async def test_a_model_that_cannot_be_loaded_is_named_as_the_reason() -> None:
    def load() -> Models:
        raise OSError("no such folder")

    batcher = Batcher(load, 10)
    with pytest.raises(OSError, match="no such folder"):
        await batcher.run()
    with pytest.raises(Exception, match="no model: no such folder"):
        await batcher.check()
