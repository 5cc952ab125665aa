"""Turns concurrent requests into batches for the models: bounded, fair, nothing computed for the absent."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

from opentelemetry import metrics
from rag_common.deadline import remaining_s
from rag_common.errors import DeadlineExceeded, NotFound, ServiceError, Unavailable
from rag_common.telemetry import record

from rag_embedder.lanes import Lane, Waiting
from rag_embedder.model import Encoder, Model, Models, Pair, Rows

log = logging.getLogger(__name__)
_meter = metrics.get_meter(__name__)
_texts = _meter.create_counter("rag.embedder.texts", description="Texts encoded, or pairs scored.")
_tokens = _meter.create_counter("rag.embedder.tokens", description="Tokens that the models read.")
_truncated = _meter.create_counter(
    "rag.embedder.truncated", description="Texts longer than the model's window."
)

LaneName = Literal["question", "bulk"]

QUESTIONS_IN_A_ROW = 4
"""Batches of questions before the other lane has its turn, so that a flood of them starves no document."""

LONGEST_WAIT_S = 120.0


class ModelLoading(Unavailable):
    """The model is still being loaded; try again in a few seconds."""

    code = "loading_model"


class EncodingFailed(ServiceError):
    """The model failed on these texts; the embedder's log says why."""

    code = "encoding_failed"


class NoReranker(NotFound):
    """No reranker is served here; set RERANKER_MODEL to a cross-encoder's folder or Hugging Face name."""

    code = "no_reranker"


@dataclass(frozen=True)
class Embedded:
    """A vector for each text, in their order, and how many tokens the model read."""

    vectors: Rows
    tokens: int


@dataclass(frozen=True)
class Scored:
    """The relevance of each document, from 0 to 1, in their order, and how many tokens the model read."""

    scores: list[float]
    tokens: int


class Batcher:
    """Owns the models and their threads. A question waits for batches that run, not for the bulk."""

    def __init__(self, load: Callable[[], Models], lane_limit: int) -> None:
        self._load = load
        self._questions, self._bulk = Lane("questions", lane_limit), Lane("bulk", lane_limit)
        self._questions_in_a_row = 0
        self._filled = asyncio.Event()
        self._models: Models | None = None
        self.failure: Exception | None = None

    @property
    def encoder(self) -> Encoder:
        """The warmed-up encoder; raises ModelLoading before there is one."""
        return self._loaded.encoder

    @property
    def reranker(self) -> Model[Pair]:
        """The warmed-up reranker; raises ModelLoading, or NoReranker where none is configured."""
        if self._loaded.reranker is None:
            raise NoReranker
        return self._loaded.reranker

    @property
    def _loaded(self) -> Models:
        if self._models is None:
            raise ModelLoading
        return self._models

    async def check(self) -> None:
        """Readiness: raises with the reason until each model has computed something."""
        if self._models is None:
            raise Unavailable("loading model" if self.failure is None else f"no model: {self.failure}")

    async def run(self) -> None:
        """Loads the models, then computes what waits until cancelled."""
        with ExitStack() as stack:
            try:
                models = await asyncio.to_thread(self._load)
                encoder = models.encoder
                threads = stack.enter_context(
                    ThreadPoolExecutor(encoder.batches_at_once, "encoder", encoder.enter_thread)
                )
                await asyncio.get_running_loop().run_in_executor(threads, models.warm_up)
            except Exception as error:  # kept for the reader of /readyz and of the process's last line
                self.failure = error
                raise
            self._models = models
            log.info("model_ready", extra={"dimensions": encoder.dimensions, "window": encoder.window})
            if models.reranker:
                log.info("reranker_ready", extra={"window": models.reranker.window})
            async with asyncio.TaskGroup() as group:
                for _ in range(encoder.batches_at_once):
                    group.create_task(self._encode_all(threads))

    async def embed(self, texts: Sequence[str], lane_name: LaneName | None = None) -> Embedded:
        """Encodes texts together with what else waits; cancelled, it leaves nothing behind to compute.

        Without a lane's name a single text is a question.

        Raises ModelLoading, TooManyRequests (the lane is full), DeadlineExceeded, EncodingFailed.
        """
        asks = lane_name == "question" or (lane_name is None and len(texts) == 1)
        done = await self._computed(self.encoder, texts, self._questions if asks else self._bulk)
        return Embedded(done.rows, sum(done.tokens))

    async def rerank(self, query: str, documents: Sequence[str]) -> Scored:
        """Scores each document beside the query; waits among the questions, in turn with them.

        Raises what `embed` raises, and NoReranker.
        """
        pairs = [(query, document) for document in documents]
        done = await self._computed(self.reranker, pairs, self._questions)
        return Scored(done.rows[:, 0].tolist(), sum(done.tokens))

    async def _computed(self, model: Model[Any], items: Sequence[Any], lane: Lane) -> Waiting:
        """The items with all their rows; cancelled, it leaves nothing behind to compute."""
        try:
            async with asyncio.timeout(remaining_s(LONGEST_WAIT_S)):
                with lane.room_for(len(items)):
                    waiting = Waiting(model, items, await self._measured(model, items))
                    lane.add(waiting)
                    self._filled.set()
                    await waiting.done
        except TimeoutError as error:
            raise DeadlineExceeded from error
        return waiting

    async def _measured(self, model: Model[Any], items: Sequence[Any]) -> list[int]:
        """Tokens that the model will read of each item."""
        whole = await asyncio.to_thread(model.count_tokens, items)
        _truncated.add(sum(count > model.window for count in whole), {"step": model.step})
        return [min(count, model.window) for count in whole]

    async def _next_batch(self) -> list[tuple[Waiting, int]]:
        while True:
            self._filled.clear()
            bulk_first = self._questions_in_a_row >= QUESTIONS_IN_A_ROW
            for lane in (self._bulk, self._questions) if bulk_first else (self._questions, self._bulk):
                if batch := lane.take():
                    self._questions_in_a_row = self._questions_in_a_row + 1 if lane is self._questions else 0
                    return batch
            await self._filled.wait()

    async def _encode_all(self, threads: ThreadPoolExecutor) -> None:
        while True:
            await self._encode(await self._next_batch(), threads)

    async def _encode(self, batch: list[tuple[Waiting, int]], threads: ThreadPoolExecutor) -> None:
        model = batch[0][0].model
        items = [waiting.items[index] for waiting, index in batch]
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(threads, model.encode, items)
        except Exception:  # one batch's failure must not end the loop that serves all the others
            log.exception("encoding_failed", extra={"step": model.step, "texts": len(items)})
            for waiting, _ in batch:
                waiting.fail(EncodingFailed())
            return
        record(model.step, time.perf_counter() - started)
        _texts.add(len(items), {"step": model.step})
        _tokens.add(sum(waiting.tokens[index] for waiting, index in batch), {"step": model.step})
        for (waiting, index), row in zip(batch, rows, strict=True):
            waiting.keep(index, row)
