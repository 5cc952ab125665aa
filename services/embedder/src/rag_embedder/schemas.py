"""The wire: OpenAI's embeddings request, reply and list of models."""

from base64 import b64encode
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, BeforeValidator, Field
from rag_common.wire import Wire

from rag_embedder.batching import Embedded

MAX_TEXTS = 2_048
MAX_CHARACTERS = 100_000
"""Of one text; far beyond any model's window, it bounds what a waiting request may hold in memory."""


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


class ModelOut(BaseModel):
    """A served model: OpenAI's fields, its vectors' size and how many tokens of a text it reads."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "sentence-transformers"
    dimensions: int
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
