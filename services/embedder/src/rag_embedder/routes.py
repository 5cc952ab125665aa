"""HTTP: OpenAI's `/v1/embeddings` and `/v1/models`."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from opentelemetry import trace
from rag_common.errors import InvalidRequest, NotFound
from rag_common.hang_up import unless_gone
from rag_common.health import Drain

from rag_embedder.batching import Batcher, LaneName
from rag_embedder.schemas import EmbeddingsIn, ModelOut, ModelsOut, embeddings_json

LANE = "x-lane"
"""Says who waits: somebody with a question, or a document; without it one text is a question and many are not."""


def embedding_routes(batcher: Batcher, model: str, drain: Drain) -> APIRouter:
    """The routes over one batcher, for the model of that name."""
    router = APIRouter()

    def check(body: EmbeddingsIn) -> None:
        if body.model != model:
            raise NotFound(f"The model here is `{model}`; ask for it.", code="model_not_found", param="model")
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

    @router.get("/v1/models")
    async def list_models() -> ModelsOut:
        dimensions, window = batcher.encoder.dimensions, batcher.encoder.window
        return ModelsOut(data=[ModelOut(id=model, dimensions=dimensions, max_input_tokens=window)])

    return router
