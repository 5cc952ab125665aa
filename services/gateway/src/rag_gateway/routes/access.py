"""Who asks, and with what parts a route answers."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from rag_common.errors import InvalidRequest
from rag_common.product import USER_HEADER

from rag_gateway.keys import Caller
from rag_gateway.parts import Parts


def parts_of(request: Request) -> Parts:
    """The gateway's parts."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]


async def caller_of(
    parts: PartsOf,
    authorization: Annotated[str | None, Header()] = None,
    user: Annotated[str | None, Header(alias=USER_HEADER)] = None,
) -> Caller:
    """The caller, or the uniform 401."""
    caller = await parts.authenticator.caller(authorization)
    return caller.acting_as(user)


AnyCaller = Annotated[Caller, Depends(caller_of)]


def having(scope: str) -> Callable[[Caller], Coroutine[Any, Any, Caller]]:
    """A dependency: the caller, if its key has the scope."""

    async def caller_with_scope(caller: AnyCaller) -> Caller:
        caller.require(scope)
        return caller

    return caller_with_scope


Chatter = Annotated[Caller, Depends(having("chat"))]
Ingester = Annotated[Caller, Depends(having("ingest"))]
Rater = Annotated[Caller, Depends(having("feedback"))]
Limit = Annotated[int, Query(ge=1, le=100)]


async def no_idempotency_key(idempotency_key: Annotated[str | None, Header()] = None) -> None:
    """Refuses a promise that this version cannot keep."""
    if idempotency_key is not None:
        raise InvalidRequest(
            "`Idempotency-Key` is not available yet; leave it out.",
            code="not_available_yet",
            param="Idempotency-Key",
        )
