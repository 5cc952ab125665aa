"""One question, eight steps: condense, embed, retrieve, fuse, rerank, pack, generate, cite."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from opentelemetry import trace
from rag_common.errors import DeadlineExceeded, Unavailable
from rag_common.telemetry import collect_durations, record_first_token, step, trace_id_of

from rag_gateway.keys import Caller
from rag_gateway.rag.answer import HISTORY_TRIMMED, NO_EMBEDDER, NO_RERANKER, Answer, Event, Finished, Token
from rag_gateway.rag.attempt import Attempt, better
from rag_gateway.rag.condense import by_model, by_rule
from rag_gateway.rag.evidence import Evidence, gather
from rag_gateway.rag.fuse import fuse
from rag_gateway.rag.generate import Llm
from rag_gateway.rag.pack import Room
from rag_gateway.rag.passage import Passage
from rag_gateway.rag.question import Question
from rag_gateway.rag.reply import AWAY, Reply
from rag_gateway.rag.search import Embedder, Found, PassageStore, Search

CANDIDATES = 50
"""Passages that each arm finds before they are fused."""
STEPS = ("condense", "embed", "retrieve", "fuse", "rerank", "pack", "generate", "cite")

Vector = Sequence[float] | None


class Reranker(Protocol):
    """Orders passages anew by reading each beside the question; one of the three places to extend."""

    async def rerank(self, query: str, passages: Sequence[Passage]) -> list[Passage]:
        """The same passages, best first, with `scores.rerank` set; raises a ServiceError when it is away."""


@dataclass(frozen=True)
class Pipeline:
    """Answers questions from the passages that a caller may read."""

    embedder: Embedder
    passages: PassageStore
    llm: Llm
    reranker: Reranker | None
    room: Room
    """For sources in a prompt."""
    index_version: str
    rerank_candidates: int = CANDIDATES
    """How many of the fused passages the reranker reads; the others follow them."""
    rewrites: bool = False
    """Whether the model rewrites follow-ups; else a rule does."""

    def answer(self, question: Question, caller: Caller) -> AsyncGenerator[Event, None]:
        """Started, Token…, Finished; fails before Started when nothing can be answered."""
        answer = Answer(question, trace_id_of(trace.get_current_span()), self.index_version)
        return self._events(answer, caller, Clock())

    async def _events(self, answer: Answer, caller: Caller, clock: "Clock") -> AsyncGenerator[Event, None]:
        question = answer.question
        evidence = Evidence()
        answer.degraded += [HISTORY_TRIMMED] if question.history_trimmed else []
        if question.retrieval:
            await self.condense(answer)
            queries = list(dict.fromkeys((answer.query, answer.asked)))
            vectors = await self.embed(queries, answer)
            pairs = zip(queries, vectors, strict=True)
            attempts = [await self.attempt(query, vector, question, caller) for query, vector in pairs]
            found = better(attempts, question.top_k)
            answer.query = found.query
            answer.sources = await self.rerank(answer.query, found.passages, question, answer)
            evidence = await self.pack(answer, vectors[-1], found.found)
        async with aclosing(Reply(answer, evidence, self.llm).events()) as events:
            async for event in events:
                clock.note(event)
                yield event
        answer.timings_ms = clock.timings_ms()
        yield Finished(answer)

    async def search(self, question: Question, caller: Caller) -> tuple[list[Passage], dict[str, float]]:
        """Retrieval alone: passages best first, and each step's milliseconds."""
        clock = Clock()
        [vector] = await self.embed([question.text], None) if question.mode != "lexical" else [None]
        found = await self.attempt(question.text, vector, question, caller)
        passages = await self.rerank(question.text, found.passages, question, None)
        return passages, clock.timings_ms()

    async def attempt(self, query: str, vector: Vector, question: Question, caller: Caller) -> Attempt:
        """What one query finds."""
        found = await self.retrieve(query, vector, question, caller)
        return Attempt(query, found, await self.fuse(found))

    @step("condense")
    async def condense(self, answer: Answer) -> None:
        rewritten = self.rewrites and answer.question.history
        question = answer.question
        condensed = await by_model(question, self.llm, answer.usage) if rewritten else by_rule(question)
        answer.query, answer.asked = condensed.query, condensed.asked

    @step("embed")
    async def embed(self, queries: Sequence[str], answer: Answer | None) -> Sequence[Vector]:
        try:
            return await self.embedder.embed(queries)
        except (Unavailable, DeadlineExceeded):
            if answer is None or not answer.question.allow_degraded:
                raise
            answer.degraded.append(NO_EMBEDDER)
            return [None] * len(queries)

    @step("retrieve")
    async def retrieve(self, query: str, vector: Vector, question: Question, caller: Caller) -> Found:
        mode = "lexical" if vector is None else question.mode
        near = None if mode == "lexical" else vector
        candidates = max(CANDIDATES, question.top_k)
        search = Search(query, near, mode, question.collections, question.filter, candidates)
        return await self.passages.search(search, caller)

    @step("fuse")
    async def fuse(self, found: Found) -> list[Passage]:
        return fuse(found.passages)

    @step("rerank")
    async def rerank(
        self, query: str, passages: Sequence[Passage], question: Question, answer: Answer | None
    ) -> list[Passage]:
        if self.reranker and question.rerank:
            first, rest = passages[: self.rerank_candidates], passages[self.rerank_candidates :]
            try:
                passages = [*await self.reranker.rerank(query, first), *rest]
            except AWAY:
                if answer is None or not question.allow_degraded:
                    raise
                answer.degraded.append(NO_RERANKER)
        return list(passages[: question.top_k])

    @step("pack")
    async def pack(self, answer: Answer, vector: Vector, found: Found) -> Evidence:
        return await gather(answer, self.embedder, self.llm, vector, found.idf, self.room)


class Clock:
    """Times one question: its steps, its first token and the whole."""

    def __init__(self) -> None:
        self._steps, self._started, self._first_token = collect_durations(), time.perf_counter(), 0.0

    def note(self, event: Event) -> None:
        """Remembers when the first token went out."""
        if isinstance(event, Token) and not self._first_token:
            self._first_token = time.perf_counter() - self._started
            record_first_token(self._first_token)

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by step, 0 for one that was not needed, with `first_token` and `total`."""
        seconds = {name: self._steps.get(name, 0.0) for name in STEPS}
        seconds |= {"first_token": self._first_token, "total": time.perf_counter() - self._started}
        return {name: round(value * 1000, 1) for name, value in seconds.items()}
