"""Work that ends when nobody waits for it any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from rag_common.errors import ClientGone, Draining
from rag_common.health import Drain

Result = TypeVar("Result")


async def unless_gone(request: Request, drain: Drain, work: Coroutine[Any, Any, Result]) -> Result:
    """The work's result; it is cancelled when the client hangs up or the drain's time is over."""
    working = asyncio.ensure_future(work)
    gone, expired = asyncio.ensure_future(_hang_up(request)), asyncio.ensure_future(drain.expired.wait())
    try:
        await asyncio.wait({working, gone, expired}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone if gone.done() else Draining
    finally:
        await end(working, gone, expired)


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancels what still runs and waits until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _hang_up(request: Request) -> None:
    """Returns when the client has left; its body is read, so nothing else can come."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
