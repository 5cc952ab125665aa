"""Several calls run at once, and what they give comes in order."""

import asyncio
from contextlib import aclosing

import pytest
from rag_gateway.ingest.ahead import in_order


class Calls:
    """Waits as long as it is told, and remembers how many waited at once and how many ended."""

    def __init__(self) -> None:
        self.running = self.most = self.ended = 0

    async def wait(self, seconds: float) -> float:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.running -= 1
        if seconds == 0.5:
            raise ValueError("too long")
        self.ended += 1
        return seconds


async def test_results_come_in_order_and_no_more_calls_run_than_may() -> None:
    calls, seconds = Calls(), [0.05, 0.01, 0.03, 0.0, 0.02]
    assert [result async for result in in_order(calls.wait, seconds, 2)] == seconds
    assert calls.most == 2 and calls.ended == len(seconds)


async def test_who_stops_listening_stops_the_calls_that_run_and_those_to_come() -> None:
    calls = Calls()
    async with aclosing(in_order(calls.wait, [0.0, 60, 60, 60], 2)) as results:
        assert await anext(results) == 0.0
        await asyncio.sleep(0.01)
    assert (calls.running, calls.most, calls.ended) == (0, 2, 1)


async def test_an_error_comes_where_its_result_would_and_stops_the_others() -> None:
    calls, seen = Calls(), []
    with pytest.raises(ValueError, match="too long"):
        async for result in in_order(calls.wait, [0.6, 0.5, 60], 3):
            seen.append(result)
    assert seen == [0.6] and calls.running == 0
