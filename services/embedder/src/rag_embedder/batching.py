"""Turns concurrent requests into batches for one encoder: bounded, fair, nothing computed for the absent."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from opentelemetry import metrics
from rag_common.deadline import remaining_s
from rag_common.errors import DeadlineExceeded, ServiceError, Unavailable
from rag_common.telemetry import record

from rag_embedder.lanes import Lane, Waiting

log = logging.getLogger(__name__)
_meter = metrics.get_meter(__name__)
_texts = _meter.create_counter("rag.embedder.texts", description="Texts encoded.")
_tokens = _meter.create_counter("rag.embedder.tokens", description="Tokens that the model read.")
_truncated = _meter.create_counter("rag.embedder.truncated", description="Texts longer than the window.")

Vectors = NDArray[np.float32]
LaneName = Literal["question", "bulk"]

QUESTIONS_IN_A_ROW = 4
"""Batches of questions before the other lane has its turn, so that a flood of them starves no document."""

LONGEST_WAIT_S = 120.0


class Encoder(Protocol):
    """A loaded model; its methods are slow and run outside the event loop, `encode` in threads of its own."""

    @property
    def dimensions(self) -> int: ...

    @property
    def window(self) -> int:
        """Tokens of a text that the model reads; it cuts off the rest."""

    @property
    def batches_at_once(self) -> int:
        """Batches that its device computes side by side."""

    @property
    def batch_texts(self) -> int:
        """The most texts that its device computes efficiently at once."""

    @property
    def batch_tokens(self) -> int:
        """The most tokens at once, padding counted: it bounds memory, and how long a question waits for a batch."""

    def enter_thread(self) -> None:
        """Called first in each thread that will encode."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each whole text."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of length one, a row for each text, in its order."""


class ModelLoading(Unavailable):
    """The model is still being loaded; try again in a few seconds."""

    code = "loading_model"


class EncodingFailed(ServiceError):
    """The model failed on these texts; the embedder's log says why."""

    code = "encoding_failed"


@dataclass(frozen=True)
class Embedded:
    """A vector for each text, in their order, and how many tokens the model read."""

    vectors: Vectors
    tokens: int


class Batcher:
    """Owns the encoder and its threads. A question waits for a batch that runs, not for the bulk."""

    def __init__(self, load: Callable[[], Encoder], lane_limit: int) -> None:
        self._load = load
        self._questions, self._bulk = Lane("questions", lane_limit), Lane("bulk", lane_limit)
        self._questions_in_a_row = 0
        self._filled = asyncio.Event()
        self._encoder: Encoder | None = None
        self.failure: Exception | None = None

    @property
    def encoder(self) -> Encoder:
        """The warmed-up encoder; raises ModelLoading before there is one."""
        if self._encoder is None:
            raise ModelLoading
        return self._encoder

    async def check(self) -> None:
        """Readiness: raises with the reason until the first encode has succeeded."""
        if self._encoder is None:
            raise Unavailable("loading model" if self.failure is None else f"no model: {self.failure}")

    async def run(self) -> None:
        """Loads the model, then encodes what waits until cancelled."""
        with ExitStack() as stack:
            try:
                encoder = await asyncio.to_thread(self._load)
                threads = stack.enter_context(
                    ThreadPoolExecutor(encoder.batches_at_once, "encoder", encoder.enter_thread)
                )
                await asyncio.get_running_loop().run_in_executor(threads, _warm_up, encoder)
            except Exception as error:  # kept for the reader of /readyz and of the process's last line
                self.failure = error
                raise
            self._encoder = encoder
            log.info("model_ready", extra={"dimensions": encoder.dimensions, "window": encoder.window})
            async with asyncio.TaskGroup() as group:
                for _ in range(encoder.batches_at_once):
                    group.create_task(self._encode_all(threads))

    async def embed(self, texts: Sequence[str], lane_name: LaneName | None = None) -> Embedded:
        """Encodes texts together with what else waits; cancelled, it leaves nothing behind to compute.

        Without a lane's name a single text is a question.

        Raises ModelLoading, TooManyRequests (the lane is full), DeadlineExceeded, EncodingFailed.
        """
        encoder = self.encoder
        asks = lane_name == "question" or (lane_name is None and len(texts) == 1)
        lane = self._questions if asks else self._bulk
        try:
            async with asyncio.timeout(remaining_s(LONGEST_WAIT_S)):
                with lane.room_for(len(texts)):
                    tokens = await self._measured(encoder, texts)
                    waiting = Waiting(texts, tokens, np.empty((len(texts), encoder.dimensions), np.float32))
                    lane.add(waiting)
                    self._filled.set()
                    await waiting.done
        except TimeoutError as error:
            raise DeadlineExceeded from error
        return Embedded(waiting.vectors, sum(tokens))

    async def _measured(self, encoder: Encoder, texts: Sequence[str]) -> list[int]:
        """Tokens that the model will read of each text."""
        whole = await asyncio.to_thread(encoder.count_tokens, texts)
        _truncated.add(sum(count > encoder.window for count in whole))
        return [min(count, encoder.window) for count in whole]

    async def _next_batch(self) -> list[tuple[Waiting, int]]:
        encoder = self.encoder
        while True:
            self._filled.clear()
            bulk_first = self._questions_in_a_row >= QUESTIONS_IN_A_ROW
            for lane in (self._bulk, self._questions) if bulk_first else (self._questions, self._bulk):
                if batch := lane.take(encoder.batch_texts, encoder.batch_tokens):
                    self._questions_in_a_row = self._questions_in_a_row + 1 if lane is self._questions else 0
                    return batch
            await self._filled.wait()

    async def _encode_all(self, threads: ThreadPoolExecutor) -> None:
        while True:
            await self._encode(await self._next_batch(), threads)

    async def _encode(self, batch: list[tuple[Waiting, int]], threads: ThreadPoolExecutor) -> None:
        texts = [waiting.texts[index] for waiting, index in batch]
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        try:
            vectors = await loop.run_in_executor(threads, self.encoder.encode, texts)
        except Exception:  # one batch's failure must not end the loop that serves all the others
            log.exception("encoding_failed", extra={"texts": len(texts)})
            for waiting, _ in batch:
                waiting.fail(EncodingFailed())
            return
        record("encode", time.perf_counter() - started)
        _texts.add(len(texts))
        _tokens.add(sum(waiting.tokens[index] for waiting, index in batch))
        for (waiting, index), vector in zip(batch, vectors, strict=True):
            waiting.keep(index, vector)


def _warm_up(encoder: Encoder) -> None:
    texts = ["warm up"] * encoder.batch_texts
    encoder.count_tokens(texts)
    encoder.encode(texts)
