"""Events of an answer as Server-Sent Events, and work that ends when its client has gone."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from typing import Any, TypeVar

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse
from rag_common.errors import Draining, ServiceError, envelope
from rag_common.health import Drain

from rag_gateway.answers import Events
from rag_gateway.rag.answer import Event, Finished, Token
from rag_gateway.schemas.completion import Chunks

log = logging.getLogger(__name__)
Result = TypeVar("Result")
HEARTBEAT_S = 10
HEARTBEAT = b": still working\n\n"
DONE = b"data: [DONE]\n\n"
HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


async def streamed(events: Events, drain: Drain, request_id: str) -> StreamingResponse:
    """The reply; the status line waits for the first event, so that what fails before it is an ordinary error."""
    first = await anext(events)
    chunks = Chunks(first)
    return StreamingResponse(
        _frames(chunks, events, drain, request_id), media_type="text/event-stream", headers=HEADERS
    )


async def _frames(chunks: Chunks, events: Events, drain: Drain, request_id: str) -> AsyncIterator[bytes]:
    yield _frame(chunks.first())
    try:
        async for event in _paced(events, drain):
            if event is None:
                yield HEARTBEAT
            elif isinstance(event, Token):
                yield _frame(chunks.token(event.text))
            elif isinstance(event, Finished):
                yield _frame(chunks.last(event.answer)) + DONE
    except ServiceError as error:
        yield _frame(envelope(error, request_id))
    except Exception:
        log.exception("stream_failed")
        yield _frame(envelope(ServiceError(), request_id))


async def _paced(events: Events, drain: Drain) -> AsyncGenerator[Event | None, None]:
    """The events, None for each 10 s of silence; raises Draining when the drain's time is over."""
    expired = asyncio.ensure_future(drain.expired.wait())
    following: asyncio.Future[Event | None] | None = None
    try:
        while True:
            following = following or asyncio.ensure_future(_next(events))
            await asyncio.wait([following, expired], timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                event, following = following.result(), None
                if event is None:
                    return
                yield event
            elif expired.done():
                raise Draining
            else:
                yield None
    finally:
        await _end(expired, following)
        await events.aclose()


async def _next(events: Events) -> Event | None:
    return await anext(events, None)


async def _end(*tasks: asyncio.Future[Any] | None) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _frame(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


async def unless_gone(request: Request, drain: Drain, work: Coroutine[Any, Any, Result]) -> Result:
    """The work's result; it is cancelled when the client leaves or the drain's time is over."""
    working = asyncio.ensure_future(work)
    others = asyncio.ensure_future(_gone(request)), asyncio.ensure_future(drain.expired.wait())
    try:
        await asyncio.wait({working, *others}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Draining
        return working.result()
    finally:
        await _end(working, *others)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
