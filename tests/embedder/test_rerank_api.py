"""`/v1/rerank` of a real cross-encoder, trained here, asked as Cohere's and Jina's clients ask."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real_embedder import MODEL, RunningEmbedder
from tests.tiny_reranker import Pairs

QUESTION = "Which bird is the national emblem?"
DOCUMENTS = [
    "The bald eagle.",
    "Rice is cooked in milk for an hour. " * 40,
    "Birds of prey, among them the national bird, are protected by law.",
    "An emblem is a picture.",
]
SCORED = 'step="score"'
BODY: dict[str, Any] = {"query": QUESTION, "documents": DOCUMENTS}


@pytest.fixture
def reranking(reranking_embedder: RunningEmbedder) -> Iterator[httpx.Client]:
    """A client of the embedder with a reranker."""
    with httpx.Client(base_url=reranking_embedder.url, timeout=120) as client:
        yield client


def scores(client: httpx.Client, query: str, documents: list[str]) -> list[float]:
    """The documents' scores in their own order."""
    results = client.post("/v1/rerank", json={"query": query, "documents": documents}).json()["results"]
    by_index = {each["index"]: each["relevance_score"] for each in results}
    return [by_index[n] for n in range(len(documents))]


def test_what_answers_a_question_scores_above_what_does_not(reranking: httpx.Client, pairs: Pairs) -> None:
    """Chance is a half; with the evaluation data the tiny model puts nine of ten in order, on unseen articles."""
    chance, above, compared = random.Random(1), 0, 0
    for question, relevant in chance.sample(pairs.held_out, min(len(pairs.held_out), 40)):
        others = chance.sample([each for each in pairs.passages if each != relevant], 6)
        first, *rest = scores(reranking, question, [relevant, *others])
        above, compared = above + sum(first > other for other in rest), compared + len(rest)
    assert above / compared >= 0.75, f"{above} of {compared}"


def test_the_best_come_first_and_no_more_than_asked_for(reranking: httpx.Client) -> None:
    whole = reranking.post("/v1/rerank", json=BODY).json()
    values = [each["relevance_score"] for each in whole["results"]]
    assert values == sorted(values, reverse=True)
    assert all(0 < value < 1 for value in values)
    assert sorted(each["index"] for each in whole["results"]) == [0, 1, 2, 3]
    assert reranking.post("/v1/rerank", json=BODY | {"top_n": 2}).json()["results"] == whole["results"][:2]
    assert len(reranking.post("/v1/rerank", json=BODY | {"top_n": 9}).json()["results"]) == 4


def test_a_document_has_the_same_score_alone_and_among_others(reranking: httpx.Client) -> None:
    alone = [scores(reranking, QUESTION, [document])[0] for document in DOCUMENTS]
    assert scores(reranking, QUESTION, DOCUMENTS) == pytest.approx(alone, abs=1e-4)


def test_usage_counts_the_question_beside_each_document(reranking: httpx.Client) -> None:
    reply = reranking.post("/v1/rerank", json={"query": "hello world", "documents": ["hello", "you"]})
    assert reply.json()["usage"] == {"total_tokens": 12}  # [CLS] hello world [SEP] hello [SEP], twice


def test_both_models_are_listed_for_what_they_do(reranking: httpx.Client, reranker_folder: Path) -> None:
    embedding, reranker = reranking.get("/v1/models").json()["data"]
    assert (embedding["id"], embedding["task"], embedding["dimensions"]) == (MODEL, "embed", 384)
    assert (reranker["id"], reranker["task"]) == (reranker_folder.name, "rerank")
    assert reranker["max_input_tokens"] == 512 and "dimensions" not in reranker


def test_pairs_are_counted_apart_from_texts(reranking: httpx.Client) -> None:
    def counted() -> float:
        lines = reranking.get("/metrics", follow_redirects=True).text.splitlines()
        scored = [line for line in lines if line.startswith("rag_embedder_texts_total") and SCORED in line]
        return sum(float(line.split()[-1]) for line in scored)

    before = counted()
    scores(reranking, QUESTION, ["a", "b", "c"])
    assert counted() == before + 3


WRONG_BODIES: dict[str, tuple[dict[str, Any], int, str]] = {
    "no documents": ({"documents": []}, 422, "documents"),
    "an empty document": ({"documents": ["a", ""]}, 422, "documents.1"),
    "an object as a document": ({"documents": [{"text": "a"}]}, 422, "documents.0"),
    "too many documents": ({"documents": ["x"] * 1_001}, 422, "documents"),
    "a document of 100,001 characters": ({"documents": ["a" * 100_001]}, 422, "documents.0"),
    "no question": ({"query": ""}, 422, "query"),
    "a question of 8,001 characters": ({"query": "a" * 8_001}, 422, "query"),
    "none of the best": ({"top_n": 0}, 422, "top_n"),
    "documents sent back": ({"return_documents": True}, 422, "return_documents"),
    "an unknown field": ({"truncate": True}, 422, "truncate"),
    "another model": ({"model": "rerank-v3.5"}, 404, "model"),
}


@pytest.mark.parametrize(("change", "status", "param"), WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_a_wrong_body_is_refused_by_name(
    reranking: httpx.Client, change: dict[str, Any], status: int, param: str
) -> None:
    refused = reranking.post("/v1/rerank", json=BODY | change)
    assert (refused.status_code, refused.json()["error"]["param"]) == (status, param), refused.text


def test_a_deadline_that_has_passed_is_refused_at_once(reranking: httpx.Client) -> None:
    headers = {"x-request-deadline": str(int(time.time() * 1000) - 1)}
    assert reranking.post("/v1/rerank", json=BODY, headers=headers).status_code == 504


def test_without_a_reranker_the_route_says_what_to_set(http: httpx.Client) -> None:
    refused = http.post("/v1/rerank", json=BODY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "no_reranker")
    assert "RERANKER_MODEL" in refused.json()["error"]["message"]
    assert [model["task"] for model in http.get("/v1/models").json()["data"]] == ["embed"]
