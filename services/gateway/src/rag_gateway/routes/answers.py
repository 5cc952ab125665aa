"""Answers read again, and feedback on them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from rag_gateway.answers import read_answer
from rag_gateway.routes.access import Chatter, PartsOf, Rater, no_idempotency_key
from rag_gateway.schemas.answers import answer_out
from rag_gateway.schemas.feedback import FeedbackIn

router = APIRouter(tags=["answers"], dependencies=[Depends(no_idempotency_key)])


@router.get("/v1/answers/{answer_id}")
async def get_answer(answer_id: UUID, caller: Chatter, parts: PartsOf) -> dict[str, Any]:
    """An answer with its sources, read again with the caller's rights."""
    return answer_out(await read_answer(answer_id, caller, parts.answers))


@router.post("/v1/feedback", status_code=201)
async def give_feedback(body: FeedbackIn, caller: Rater, parts: PartsOf) -> dict[str, Any]:
    """Hands the caller's opinion of its own answer to the feedback service."""
    answer = await parts.answers.row(body.answer_id, caller)
    return await parts.feedback.store(body.with_context(answer), caller)


@router.delete("/v1/answers/{answer_id}/feedback", status_code=204)
async def withdraw_feedback(answer_id: UUID, caller: Rater, parts: PartsOf) -> Response:
    """Takes the caller's opinion back."""
    await parts.answers.row(answer_id, caller)
    await parts.feedback.withdraw(answer_id, caller)
    return Response(status_code=204)
