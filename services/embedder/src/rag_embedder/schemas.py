"""The wire: OpenAI's embeddings and list of models, and rerank as Cohere and Jina have it."""

from base64 import b64encode
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, Field
from rag_common.wire import Wire

from rag_embedder.batching import Embedded, Scored

MAX_TEXTS = 2_048
MAX_CHARACTERS = 100_000
"""Of one text; far beyond any model's window, it bounds what a waiting request may hold in memory."""
MAX_QUERY_CHARACTERS = 8_000
"""What the gateway takes as a question; it is read again beside each document."""
MAX_DOCUMENTS = 1_000
"""Far more than a ranking is worth; on two cores they already take half a minute."""


def _words_not_token_ids(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], int | list):
        raise ValueError(
            "token ids are not accepted, because they belong to another model; "
            "send text (LangChain: check_embedding_ctx_length=False)"
        )
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
Texts = Annotated[
    list[Text], BeforeValidator(_words_not_token_ids), Field(min_length=1, max_length=MAX_TEXTS)
]


class EmbeddingsIn(Wire):
    """One text or a list of them; `user` is accepted and ignored."""

    input: Texts
    model: str
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    user: str | None = None


class RerankIn(Wire):
    """A question and the texts to order; `model`, where it is named, is the one that is served."""

    query: str = Field(min_length=1, max_length=MAX_QUERY_CHARACTERS)
    documents: Annotated[list[Text], Field(min_length=1, max_length=MAX_DOCUMENTS)]
    top_n: int | None = Field(None, ge=1, strict=True)
    model: str | None = None
    return_documents: Literal[False] = False


class RankedOut(BaseModel):
    """A document by its place in the request, and how relevant it is: 0 to 1."""

    index: int
    relevance_score: float


class RerankUsage(BaseModel):
    """Tokens that the model read: the question counts with each document."""

    total_tokens: int


class RerankOut(BaseModel):
    """The best documents, the most relevant first."""

    model: str
    results: list[RankedOut]
    usage: RerankUsage


def rerank_out(scored: Scored, top_n: int | None, model: str) -> RerankOut:
    """The reply; documents with the same score stay in their order."""
    ranked = [RankedOut(index=n, relevance_score=score) for n, score in enumerate(scored.scores)]
    ranked.sort(key=lambda each: -each.relevance_score)
    return RerankOut(model=model, results=ranked[:top_n], usage=RerankUsage(total_tokens=scored.tokens))


class ModelOut(BaseModel):
    """A served model: OpenAI's fields, what it is for, its vectors' size and how many tokens of a text it reads."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "sentence-transformers"
    task: Literal["embed", "rerank"]
    dimensions: int | None = None
    max_input_tokens: int


class ModelsOut(BaseModel):
    """OpenAI's list of models."""

    object: Literal["list"] = "list"
    data: list[ModelOut]


def embeddings_json(embedded: Embedded, encoding: Literal["float", "base64"], model: str) -> bytes:
    """OpenAI's reply, written by orjson straight from the arrays: 2,048 vectors are 786,432 numbers."""
    little_endian = embedded.vectors.astype("<f4", copy=False)
    vectors = [b64encode(row).decode() for row in little_endian] if encoding == "base64" else embedded.vectors
    reply = {
        "object": "list",
        "data": [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(vectors)],
        "model": model,
        "usage": {"prompt_tokens": embedded.tokens, "total_tokens": embedded.tokens},
    }
    return orjson.dumps(reply, option=orjson.OPT_SERIALIZE_NUMPY)
