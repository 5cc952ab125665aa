"""Load on an OpenAI-like embeddings URL from a process of its own: `python -m bench.load < plan.json`.

It answers with one JSON object on standard output. Nothing limits its connections but the plan.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import aiohttp


@dataclass(frozen=True)
class Plan:
    """What is sent: every text of `texts` once, `per_request` of them at a time, by `clients` at once.

    With `questions`, those are asked one by one at `questions_per_s`, whether or not earlier ones are answered, and
    the texts are sent again and again for as long as that lasts.
    """

    url: str
    model: str
    texts: list[str]
    clients: int
    per_request: int = 1
    questions: tuple[str, ...] = ()
    questions_per_s: float = 5


@dataclass(frozen=True)
class Measured:
    """How long it took, how many texts got their vectors, and each question's seconds."""

    seconds: float
    texts: int
    question_s: list[float]


class Load:
    """One plan at work over one session."""

    def __init__(self, plan: Plan, session: aiohttp.ClientSession) -> None:
        self._plan, self._session = plan, session
        self._answered, self._asking = 0, bool(plan.questions)
        self._requests = self._bulk()

    async def run(self) -> Measured:
        """Sends everything; raises when any reply is not 200 or has not a vector for each text."""
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._plan.clients):
                group.create_task(self._client())
            question_s = await self._ask()
            self._asking = False
        return Measured(time.perf_counter() - started, self._answered, question_s)

    def _bulk(self) -> Iterator[list[str]]:
        """All texts once; with questions, over and over until the last is answered, and no request is broken off."""
        size, texts = self._plan.per_request, self._plan.texts
        while True:
            for start in range(0, len(texts), size):
                yield texts[start : start + size]
                if self._plan.questions and not self._asking:
                    return
            if not self._asking:
                return

    async def _client(self) -> None:
        for texts in self._requests:  # one iterator for all: whoever is free takes the next
            await self._embed(texts)
            self._answered += len(texts)

    async def _ask(self) -> list[float]:
        asked = []
        for question in self._plan.questions:
            asked.append(asyncio.create_task(self._embed([question])))
            await asyncio.sleep(1 / self._plan.questions_per_s)
        return await asyncio.gather(*asked)

    async def _embed(self, texts: list[str]) -> float:
        started = time.perf_counter()
        body = {"model": self._plan.model, "input": texts}
        async with self._session.post(self._plan.url, json=body) as reply:
            content = await reply.read()
        seconds = time.perf_counter() - started
        if reply.status != 200 or content.count(b'"embedding":') < len(texts):
            raise RuntimeError(f"{self._plan.url} answered {reply.status}: {content[:200]!r}")
        return seconds


async def run(plan: Plan) -> Measured:
    """Carries the plan out."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=300)
    ) as session:
        return await Load(plan, session).run()


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(run(Plan(**json.load(sys.stdin))))), sys.stdout)
