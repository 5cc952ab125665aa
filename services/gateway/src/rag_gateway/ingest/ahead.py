"""Several calls under way at once, their results in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from itertools import islice
from typing import Any, TypeVar

from rag_common.hang_up import end

T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    call: Callable[[T], Coroutine[Any, Any, R]], arguments: Iterable[T], at_once: int
) -> AsyncGenerator[R, None]:
    """The result of each call; `at_once` run. Closed early, or when a call raises, it cancels those that run."""
    coming = (asyncio.ensure_future(call(each)) for each in arguments)
    running = deque(islice(coming, at_once))
    try:
        while running:
            result = await running[0]
            running.popleft()
            running.extend(islice(coming, 1))
            yield result
    finally:
        await end(*running)
