"""The embedder's reranker over HTTP."""

from collections.abc import Sequence
from dataclasses import replace

import httpx
from rag_common.clients import check_status, timeout, upstream
from rag_common.deadline import deadline_header
from rag_common.errors import Unavailable, UpstreamFailed

from rag_gateway.adapters.embedder import not_ready
from rag_gateway.rag.passage import Passage

TIMEOUT_S = 30
NOT_SERVED = "The embedder serves no reranker; set RERANKER_MODEL there, or RERANKER=false here."


class HttpReranker:
    """Asks our embedder's `/v1/rerank`; it reads each passage below its heading, or else its document's title."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def rerank(self, query: str, passages: Sequence[Passage]) -> list[Passage]:
        if not passages:
            return []
        body = {"query": query, "documents": [f"{p.heading or p.title}\n{p.text}" for p in passages]}
        with upstream("reranker"):
            response = await self._client.post(
                "/v1/rerank", json=body, headers=deadline_header(), timeout=timeout(TIMEOUT_S)
            )
        if response.status_code == 404:
            raise Unavailable(NOT_SERVED, code="reranker_unavailable")
        check_status("reranker", response)
        return _ordered(passages, response)

    async def check(self) -> None:
        """Raises unless the embedder is ready and serves a reranker."""
        response = await self._client.get("/v1/models", timeout=1)
        if response.status_code != 200:
            raise not_ready(response)
        if all(model.get("task") != "rerank" for model in response.json()["data"]):
            raise ConnectionError(NOT_SERVED)


def _ordered(passages: Sequence[Passage], response: httpx.Response) -> list[Passage]:
    try:
        scores = {each["index"]: float(each["relevance_score"]) for each in response.json()["results"]}
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamFailed("The reranker's reply cannot be read.", code="reranker_failed") from error
    if scores.keys() != set(range(len(passages))):
        raise UpstreamFailed("The reranker scored other passages.", code="reranker_failed")
    scored = [replace(p, scores=replace(p.scores, rerank=scores[n])) for n, p in enumerate(passages)]
    return [scored[n] for n in sorted(scores, key=lambda n: (-scores[n], n))]
