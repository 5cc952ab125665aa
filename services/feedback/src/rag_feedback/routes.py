"""HTTP inside: what the gateway hands over, and what it asks for."""

import secrets
from collections.abc import Callable
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from rag_common.errors import NotFound, Unauthenticated
from rag_common.identity import Identity, verify
from rag_common.product import IDENTITY_HEADER

from rag_feedback.cursors import read_cursor, write_cursor
from rag_feedback.feedback import FeedbackReader, FeedbackStore, Rating, page
from rag_feedback.schemas import FeedbackWire, KeptOut, PageOut, RedactionIn, RedactionOut, StatsOut


class Feedbacks(FeedbackStore, FeedbackReader, Protocol):
    """What the routes need of a store."""


def caller_by(service_token: str) -> Callable[..., Identity]:
    """The dependency that knows the caller: from the service token and a signed identity, both or neither."""
    expected = f"Bearer {service_token}".encode()

    def caller(
        authorization: Annotated[str, Header()] = "",
        identity: Annotated[str, Header(alias=IDENTITY_HEADER)] = "",
    ) -> Identity:
        if not secrets.compare_digest(authorization.encode(), expected):
            raise Unauthenticated
        return verify(identity, service_token)

    return caller


def feedback_routes(store: Feedbacks, service_token: str) -> APIRouter:
    """The routes over one store, for callers that hold the service token."""
    router = APIRouter(prefix="/internal")
    known = Depends(caller_by(service_token))

    @router.post("/feedback")
    async def keep(body: FeedbackWire, caller: Annotated[Identity, known]) -> KeptOut:
        return KeptOut.of(await store.keep(caller, body.to_feedback()))

    @router.delete("/feedback/{answer_id}", status_code=204)
    async def withdraw(answer_id: UUID, caller: Annotated[Identity, known]) -> None:
        if not await store.withdraw(caller, answer_id):
            raise NotFound

    @router.get("/feedback")
    async def newest(
        caller: Annotated[Identity, known],
        rating: Rating | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: str | None = None,
    ) -> PageOut:
        after = read_cursor(cursor, service_token, caller.tenant, rating) if cursor else None
        kept, following = await page(store, caller.tenant, rating, limit, after)
        more = write_cursor(following, service_token, caller.tenant, rating) if following else None
        return PageOut(data=[KeptOut.of(one) for one in kept], next_cursor=more)

    @router.get("/feedback/stats")
    async def stats(
        caller: Annotated[Identity, known], days: Annotated[int, Query(ge=1, le=366)] = 30
    ) -> StatsOut:
        return StatsOut.of(await store.counts(caller.tenant, days))

    @router.post("/redactions")
    async def redact(body: RedactionIn, caller: Annotated[Identity, known]) -> RedactionOut:
        return RedactionOut(redacted=await store.redact(caller.tenant, body.document_ids))

    return router
