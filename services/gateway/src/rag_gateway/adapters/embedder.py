"""The embedder over HTTP."""

import base64
import sys
from array import array
from collections.abc import Sequence
from typing import Literal

import httpx
from rag_common.clients import check_status, timeout, upstream
from rag_common.deadline import deadline_header
from rag_common.errors import UpstreamFailed

MOST_TEXTS = 256
LANE = "x-lane"
"""Header that says who waits: somebody with a question, or a document."""
TIMEOUT_S = {"question": 30, "bulk": 120}
"""By lane; a document waits longer behind others than anybody would for an answer."""


class HttpEmbedder:
    """Asks our embedder's `/v1/embeddings`."""

    def __init__(
        self, client: httpx.AsyncClient, model: str, lane: Literal["question", "bulk"] = "question"
    ) -> None:
        self._client, self._model, self._lane = client, model, lane

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), MOST_TEXTS):
            vectors += await self._embed(texts[start : start + MOST_TEXTS])
        return vectors

    async def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self._model, "input": list(texts), "encoding_format": "base64"}
        with upstream("embedder"):
            response = await self._client.post(
                "/v1/embeddings",
                json=body,
                headers={LANE: self._lane} | deadline_header(),
                timeout=timeout(TIMEOUT_S[self._lane]),
            )
        check_status("embedder", response)
        try:
            data = sorted(response.json()["data"], key=lambda item: item["index"])
            vectors = [_floats(item["embedding"]) for item in data]
        except (ValueError, KeyError, TypeError) as error:
            raise UpstreamFailed("The embedder's reply cannot be read.", code="embedder_failed") from error
        if len(vectors) != len(texts):
            raise UpstreamFailed("The embedder sent another number of vectors.", code="embedder_failed")
        return vectors

    async def check(self) -> None:
        """Raises unless the embedder is ready."""
        response = await self._client.get("/readyz", timeout=1)
        if response.status_code != 200:
            raise not_ready(response)


def not_ready(response: httpx.Response) -> ConnectionError:
    """Why the embedder is not ready, in its own words where it gives some."""
    try:
        body = response.json()
        reasons = [part["reason"] for part in body.get("parts", {}).values() if part["reason"]]
        words = "; ".join(reasons) or body["error"]["message"]
    except (ValueError, KeyError, TypeError, AttributeError):
        words = f"status {response.status_code}"
    return ConnectionError(f"not ready: {words}")


def _floats(text: str) -> list[float]:
    """Base64 of little-endian float32, OpenAI's compact form of an embedding."""
    numbers = array("f", base64.b64decode(text))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
