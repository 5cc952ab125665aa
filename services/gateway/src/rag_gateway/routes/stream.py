"""Events of an answer as Server-Sent Events."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import StreamingResponse
from rag_common.errors import Draining, ServiceError, envelope
from rag_common.hang_up import end, unless_gone
from rag_common.health import Drain

from rag_gateway.answers import Events
from rag_gateway.rag.answer import Event, Finished, Token
from rag_gateway.schemas.completion import Chunks

log = logging.getLogger(__name__)
HEARTBEAT_S = 10
HEARTBEAT = b": still working\n\n"
DONE = b"data: [DONE]\n\n"
_LINE_ENDS = re.compile("\x85|\u2028|\u2029".encode())
HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


async def streamed(request: Request, events: Events, drain: Drain) -> StreamingResponse:
    """The reply; the status line waits for the first event, so that what fails before it is an ordinary error."""
    request_id = request.state.request_id
    chunks = Chunks(await unless_gone(request, drain, _first(events)))
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
            tasks: set[asyncio.Future[Any]] = {following, expired}
            await asyncio.wait(tasks, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if following.done() and following.result() is None:
                return
            if following.done():
                event, following = following.result(), None
                yield event
            elif expired.done():
                raise Draining
            else:
                yield None
    finally:
        await end(expired, *[following] if following else [])
        await events.aclose()


async def _first(events: Events) -> Event:
    return await anext(events)


async def _next(events: Events) -> Event | None:
    return await anext(events, None)


def _frame(data: dict[str, Any]) -> bytes:
    """One line, also for clients that end one where Python's `splitlines` does (httpx 0.28 is one)."""
    return b"data: " + _LINE_ENDS.sub(_escaped, orjson.dumps(data)) + b"\n\n"


def _escaped(line_end: re.Match[bytes]) -> bytes:
    return f"\\u{ord(line_end[0].decode()):04x}".encode()
