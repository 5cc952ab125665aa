"""HTTP: OpenAI's `/v1/embeddings` and `/v1/models`, and `/v1/rerank`."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from opentelemetry import trace
from rag_common.errors import InvalidRequest, NotFound
from rag_common.hang_up import unless_gone
from rag_common.health import Drain

from rag_embedder.batching import Batcher, LaneName
from rag_embedder.schemas import (
    EmbeddingsIn,
    ModelOut,
    ModelsOut,
    RerankIn,
    RerankOut,
    embeddings_json,
    rerank_out,
)

LANE = "x-lane"
"""Says who waits: somebody with a question, or a document; without it one text is a question and many are not."""


def embedding_routes(batcher: Batcher, model: str, drain: Drain) -> APIRouter:
    """The routes over one batcher, for the model of that name."""
    router = APIRouter()

    def check(body: EmbeddingsIn) -> None:
        _check_name(body.model, model)
        if body.dimensions not in (None, batcher.encoder.dimensions):
            message = f"The model has {batcher.encoder.dimensions} dimensions and cannot give another number."
            raise InvalidRequest(message, code="unsupported_parameter", param="dimensions")

    @router.post("/v1/embeddings")
    async def create_embeddings(
        body: EmbeddingsIn, request: Request, lane: Annotated[LaneName | None, Header(alias=LANE)] = None
    ) -> Response:
        check(body)
        embedded = await unless_gone(request, drain, batcher.embed(body.input, lane))
        trace.get_current_span().set_attributes(
            {
                "gen_ai.operation.name": "embeddings",
                "gen_ai.request.model": model,
                "gen_ai.usage.input_tokens": embedded.tokens,
            }
        )
        content = await asyncio.to_thread(embeddings_json, embedded, body.encoding_format, model)
        return Response(content, media_type="application/json")

    return router


def rerank_routes(batcher: Batcher, model: str, drain: Drain) -> APIRouter:
    """The route that orders documents; without a reranker it says what to set."""
    router = APIRouter()

    @router.post("/v1/rerank")
    async def rerank(body: RerankIn, request: Request) -> RerankOut:
        if batcher.reranker and body.model is not None:
            _check_name(body.model, model)
        scored = await unless_gone(request, drain, batcher.rerank(body.query, body.documents))
        trace.get_current_span().set_attributes(
            {
                "gen_ai.operation.name": "rerank",
                "gen_ai.request.model": model,
                "gen_ai.usage.input_tokens": scored.tokens,
            }
        )
        return rerank_out(scored, body.top_n, model)

    return router


def model_routes(batcher: Batcher, embedding_model: str, reranker: str) -> APIRouter:
    """The list of models by their names; an empty one is not served."""
    router = APIRouter()

    @router.get("/v1/models", response_model_exclude_none=True)
    async def list_models() -> ModelsOut:
        encoder = batcher.encoder
        size, window = encoder.dimensions, encoder.window
        served = [ModelOut(id=embedding_model, task="embed", dimensions=size, max_input_tokens=window)]
        if reranker:
            window = batcher.reranker.window
            served.append(ModelOut(id=reranker, task="rerank", max_input_tokens=window))
        return ModelsOut(data=served)

    return router


def _check_name(asked: str, model: str) -> None:
    if asked != model:
        raise NotFound(f"The model here is `{model}`; ask for it.", code="model_not_found", param="model")
