"""`POST /v1/chat/completions` and `POST /v1/search`."""

from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from rag_common.hang_up import unless_gone

from rag_gateway.answers import Events, kept
from rag_gateway.rag.answer import Answer, Finished
from rag_gateway.routes.access import Chatter, PartsOf, no_idempotency_key
from rag_gateway.routes.stream import streamed
from rag_gateway.schemas.chat import ChatIn
from rag_gateway.schemas.completion import completion
from rag_gateway.schemas.rag import source_out
from rag_gateway.schemas.search import SearchIn
from rag_gateway.serving import served_model

router = APIRouter(tags=["chat"], dependencies=[Depends(no_idempotency_key)])


@router.post("/v1/chat/completions")
async def chat(body: ChatIn, request: Request, caller: Chatter, parts: PartsOf) -> Response:
    """Answers the last message from the caller's documents."""
    model = await served_model(parts.pipeline.llm, body.model)
    settings = parts.settings
    question = body.question(settings.answer_mode, settings.max_answer_tokens, model, settings.reranker)
    events = kept(parts.pipeline.answer(question, caller), parts.answers, caller)
    if body.stream:
        return await streamed(request, events, parts.drain)
    return JSONResponse(completion(await unless_gone(request, parts.drain, _whole(events))))


@router.post("/v1/search")
async def search(body: SearchIn, caller: Chatter, parts: PartsOf) -> dict[str, Any]:
    """Passages alone, best first."""
    question = body.question(parts.settings.reranker)
    passages, timings_ms = await parts.pipeline.search(question, caller)
    return {"results": [source_out(n, p) for n, p in enumerate(passages, start=1)], "timings_ms": timings_ms}


async def _whole(events: Events) -> Answer:
    async with aclosing(events) as ours:
        async for event in ours:
            if isinstance(event, Finished):
                return event.answer
    raise AssertionError("an answer ends with Finished or raises")
