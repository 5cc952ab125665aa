"""Reranking through the gateway: a real cross-encoder, trained by the tests, orders what search has found."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY
from tests.gateway.conftest import RunningGateway, finished
from tests.real_embedder import RunningEmbedder
from tests.served import free_port, served
from tests.tiny_reranker import Pairs

QUESTIONS = 12


@contextmanager
def another_gateway(gateway: RunningGateway, embedder: RunningEmbedder) -> Iterator[httpx.Client]:
    """A gateway over the same database that reranks with what that embedder serves."""
    ours = {"EMBEDDER_URL": embedder.url, "RERANKER": "true", "OPERATIONS_PORT": str(free_port())}
    with (
        served(sys.executable, "rag_gateway", gateway.environment | ours) as url,
        httpx.Client(base_url=url, headers={"authorization": f"Bearer {BOOTSTRAP_KEY}"}, timeout=30) as http,
    ):
        yield http


@pytest.fixture(scope="module")
def library(gateway: RunningGateway, pairs: Pairs) -> str:
    """A collection with a document for each passage that the reranker has not been trained on."""
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=gateway.url, headers=headers, timeout=30) as http:
        http.post("/v1/collections", json={"name": "library"}).raise_for_status()
        for passage in pairs.passages[:QUESTIONS]:
            body = {"text": passage, "title": passage[:20]}
            accepted = http.post("/v1/collections/library/documents", json=body)
            assert finished(http, accepted.json()["job_id"])["status"] == "succeeded"
    return "library"


@pytest.fixture(scope="module")
def questions(pairs: Pairs) -> list[str]:
    """What the library answers."""
    there = set(pairs.passages[:QUESTIONS])
    return [question for question, passage in pairs.held_out if passage in there][:QUESTIONS]


@pytest.fixture(scope="module")
def reranking(gateway: RunningGateway, reranking_embedder: RunningEmbedder) -> Iterator[httpx.Client]:
    """A client of the gateway whose embedder serves the reranker."""
    with another_gateway(gateway, reranking_embedder) as http:
        yield http


@pytest.fixture(scope="module")
def forsaken(gateway: RunningGateway, embedder: RunningEmbedder) -> Iterator[httpx.Client]:
    """A client of a gateway that was told of a reranker which its embedder does not serve."""
    with another_gateway(gateway, embedder) as http:
        yield http


def found(http: httpx.Client, question: str, library: str, **more: Any) -> list[dict[str, Any]]:
    """The results of one search."""
    reply = http.post("/v1/search", json={"query": question, "collections": [library]} | more)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["results"])


def chat(http: httpx.Client, question: str, library: str, **rag: Any) -> httpx.Response:
    """The reply to a question that is answered by quotations."""
    rag = {"collections": [library], "answer_mode": "quote"} | rag
    return http.post(
        "/v1/chat/completions", json={"messages": [{"role": "user", "content": question}], "rag": rag}
    )


def order(results: list[dict[str, Any]], score: str) -> list[str]:
    """The chunks by that score, best first."""
    return [each["chunk_id"] for each in sorted(results, key=lambda each: -each["scores"][score])]


def test_the_rerankers_scores_order_what_was_found(
    reranking: httpx.Client, library: str, questions: list[str]
) -> None:
    moved = 0
    for question in questions:
        results = found(reranking, question, library)
        assert [each["chunk_id"] for each in results] == order(results, "rerank")
        moved += order(results, "rerank") != order(results, "fused")
    assert moved, "the reranker changed nothing, so the orders prove nothing"


def test_a_request_may_do_without_and_gets_the_fused_order(
    reranking: httpx.Client, library: str, questions: list[str]
) -> None:
    for question in questions:
        results = found(reranking, question, library, rerank=False)
        assert [each["chunk_id"] for each in results] == order(results, "fused")
        assert {each["scores"]["rerank"] for each in results} == {None}


def test_a_chat_is_answered_from_the_reranked_sources(
    reranking: httpx.Client, library: str, questions: list[str]
) -> None:
    for asked in (None, True):
        rag = chat(reranking, questions[0], library, rerank=asked, top_k=3).json()["rag"]
        best = found(reranking, questions[0], library, top_k=3)
        assert [each["chunk_id"] for each in rag["sources"]] == [each["chunk_id"] for each in best]
        assert all(0 < source["scores"]["rerank"] < 1 for source in rag["sources"])
        assert rag["timings_ms"]["rerank"] > 0 and rag["degraded"] == []
    without = chat(reranking, questions[0], library, rerank=False).json()["rag"]
    assert {source["scores"]["rerank"] for source in without["sources"]} == {None}


def test_an_answer_read_again_has_the_rerankers_scores(
    reranking: httpx.Client, library: str, questions: list[str]
) -> None:
    rag = chat(reranking, questions[0], library).json()["rag"]
    again = reranking.get(f"/v1/answers/{rag['answer_id']}").json()
    assert [each["scores"] for each in again["sources"]] == [each["scores"] for each in rag["sources"]]


def test_where_none_is_configured_asking_for_one_is_refused(http: httpx.Client, library: str) -> None:
    refused = http.post("/v1/search", json={"query": "any", "rerank": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "no_reranker")
    assert found(http, "any", library, rerank=False) == found(http, "any", library)
    assert "reranker" not in http.get("/readyz").json()["parts"]


def test_health_says_when_the_reranker_is_served_and_when_not(
    reranking: httpx.Client, forsaken: httpx.Client
) -> None:
    assert reranking.get("/readyz").json()["parts"]["reranker"] == {"ok": True, "reason": None}
    state = forsaken.get("/readyz")
    assert (state.status_code, state.json()["status"]) == (200, "degraded")
    assert "RERANKER_MODEL" in state.json()["parts"]["reranker"]["reason"]


def test_without_the_reranker_it_says_so_or_degrades_to_the_fused_order(
    forsaken: httpx.Client, library: str, questions: list[str]
) -> None:
    refused = forsaken.post("/v1/search", json={"query": questions[0], "collections": [library]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "reranker_unavailable")
    assert refused.headers["retry-after"]
    assert chat(forsaken, questions[0], library).status_code == 503
    degraded = chat(forsaken, questions[0], library, allow_degraded=True).json()["rag"]
    assert degraded["degraded"] == ["no_reranker"]
    plain = chat(forsaken, questions[0], library, rerank=False).json()["rag"]
    assert [s["chunk_id"] for s in degraded["sources"]] == [s["chunk_id"] for s in plain["sources"]]
    assert plain["degraded"] == []
