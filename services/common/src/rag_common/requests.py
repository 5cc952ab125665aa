"""One pure ASGI middleware around every request: span, request id, deadline, body limit, last resort."""

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag_common.deadline import HEADER, set_deadline
from rag_common.errors import BodyStalled, ServiceError, TooLarge, envelope
from rag_common.product import SLUG
from rag_common.telemetry import mark_failed, trace_id_of, tracer

log = logging.getLogger(__name__)
_durations = metrics.get_meter(SLUG).create_histogram(
    "http.server.request.duration", unit="s", description="Duration of HTTP requests, streams to their end."
)
_QUIET = ("/healthz", "/readyz", "/metrics")


async def always(scope: Scope) -> bool:
    """Trusts every caller's trace: for services that only our own can reach."""
    return True


async def anyone(scope: Scope) -> None:
    """Lets every request in: for services whose routes ask for the caller themselves."""


def one_megabyte(scope: Scope) -> int:
    """The body limit of routes that take JSON, in bytes."""
    return 1_000_000


@dataclass(frozen=True)
class RequestScope:
    """Wraps an app; `trusts` says whose `traceparent` is continued, others only get a link to theirs.

    `admit` raises for a request whose body shall not even be read.
    """

    app: ASGIApp
    trusts: Callable[[Scope], Awaitable[bool]] = always
    body_limit: Callable[[Scope], int] = one_megabyte
    admit: Callable[[Scope], Awaitable[None]] = anyone
    deadline_s: float = 120
    body_pause_s: float = 30

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self.app(scope, receive, _Reply(send, secrets.token_hex(16)).send)
            return
        headers = Headers(scope=scope)
        set_deadline(self.deadline_s, headers.get(HEADER))
        context, links = await self._origin(scope, headers)
        span = tracer.start_span(scope["method"], context=context, kind=SpanKind.SERVER, links=links)
        with trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
            await self._run(scope, receive, send, span)

    async def _origin(self, scope: Scope, headers: Headers) -> tuple[Context, list[Link]]:
        theirs = propagate.extract({"traceparent": headers.get("traceparent", "")})
        remote = trace.get_current_span(theirs).get_span_context()
        if not remote.is_valid:
            return Context(), []
        if await self.trusts(scope):
            return theirs, []
        return Context(), [Link(remote)]

    async def _run(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        request_id = trace_id_of(span)
        scope.setdefault("state", {})["request_id"] = request_id
        reply = _Reply(send, request_id)
        started = time.perf_counter()
        try:
            await self.admit(scope)
            body = _limited(receive, scope, self.body_limit(scope), self.body_pause_s)
            await self.app(scope, body, reply.send)
        except ServiceError as refusal:
            await reply.end(refusal)
        except Exception as error:
            mark_failed(span, "request", error)
            log.exception("request_failed", extra={"path": scope["path"]})
            await reply.end(ServiceError())
        finally:
            _describe(span, scope, reply.status, time.perf_counter() - started)


class _Reply:
    """What goes back: adds the request id, remembers the status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send, self._request_id = send, request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["x-request-id"] = self._request_id
        await self._send(message)

    async def end(self, error: ServiceError) -> None:
        """Replies with an error, unless a reply has begun."""
        if self.status:
            return
        body = json.dumps(envelope(error, self._request_id)).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), **error.headers()}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": error.status, "headers": raw})
        await self.send({"type": "http.response.body", "body": body})


def _limited(receive: Receive, scope: Scope, limit: int, pause_s: float) -> Receive:
    """Watches a body while it arrives, so that an endless or lying one ends at the limit, and one that stalls soon.

    Raises TooLarge at once when the announced length is beyond the limit.
    """
    too_large = TooLarge(f"The body is larger than {limit:,} bytes; send less.")
    announced = Headers(scope=scope).get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large
    read, whole = 0, False

    async def watched() -> Message:
        nonlocal read, whole
        if read > limit:
            raise too_large
        try:
            async with asyncio.timeout(None if whole else pause_s):
                message = await receive()
        except TimeoutError as error:
            raise BodyStalled from error
        read += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if read > limit:
            raise too_large
        return message

    return watched


def _describe(span: Span, scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    attributes = {
        "http.request.method": scope["method"],
        "http.route": route,
        "http.response.status_code": status,
    }
    span.update_name(f"{scope['method']} {route}")
    span.set_attributes(attributes)
    _durations.record(seconds, attributes)
