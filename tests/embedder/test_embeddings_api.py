"""`/v1/embeddings` of the real model, asked as OpenAI clients ask."""

import json
import os
import subprocess
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import openai
import pytest

from tests.real_embedder import HEAVY_PYTHON, MODEL, QUEUE_TEXTS, RunningEmbedder
from tests.served import free_port

LONG = "the answer stands in the document that was split into chunks " * 20
TEXTS = ["short", "A sentence of some words, then a stop.", LONG, "¿Dónde está? 東京 🗼", "a b c d e f g"]


def vectors(client: openai.OpenAI, texts: list[str] | str, **options: Any) -> np.ndarray:
    reply = client.embeddings.create(model=MODEL, input=texts, **options)
    assert [item.index for item in reply.data] == list(range(len(reply.data)))
    return np.array([item.embedding for item in reply.data], np.float32)


def test_a_text_gives_one_vector_of_length_one(client: openai.OpenAI) -> None:
    [vector] = vectors(client, "How do I start it?")
    assert vector.shape == (384,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_lane_that_is_none_is_refused(embedder: RunningEmbedder) -> None:
    body = {"model": MODEL, "input": "words"}
    for lane, status in (("bulk", 200), ("question", 200), ("fast", 422)):
        reply = httpx.post(f"{embedder.url}/v1/embeddings", json=body, headers={"x-lane": lane})
        assert reply.status_code == status, reply.text


def test_what_is_alike_in_meaning_is_near(client: openai.OpenAI) -> None:
    start, launch, cook = vectors(client, ["Start the server", "Launch the service", "Cook rice in milk"])
    assert start @ launch > start @ cook + 0.2


def test_a_text_has_the_same_vector_alone_and_among_others_in_order(client: openai.OpenAI) -> None:
    together = vectors(client, TEXTS)
    alone = np.concatenate([vectors(client, text) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() >= 0.9999


def test_concurrent_requests_get_their_own_vectors(client: openai.OpenAI) -> None:
    expected = vectors(client, TEXTS * 4)
    found: dict[int, np.ndarray] = {}

    def ask(index: int) -> None:
        found[index] = vectors(client, (TEXTS * 4)[index])[0]

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(found[index] @ expected[index] for index in range(20)) >= 0.9999


def test_base64_and_float_are_the_same_numbers(client: openai.OpenAI) -> None:
    assert np.array_equal(vectors(client, TEXTS), vectors(client, TEXTS, encoding_format="float"))


def test_usage_counts_tokens_and_user_is_ignored(client: openai.OpenAI) -> None:
    usage = client.embeddings.create(model=MODEL, input=["hello world"] * 3, user="u1").usage
    assert (usage.prompt_tokens, usage.total_tokens) == (12, 12)  # [CLS] hello world [SEP]


def test_the_models_own_number_of_dimensions_may_be_asked_for(client: openai.OpenAI) -> None:
    assert vectors(client, "a", dimensions=384).shape == (1, 384)


def test_the_model_is_listed_with_its_dimensions_and_window(
    client: openai.OpenAI, http: httpx.Client
) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    [model] = http.get("/v1/models").json()["data"]
    assert (model["dimensions"], model["max_input_tokens"]) == (384, 256)


def _metric(http: httpx.Client, name: str) -> float:
    lines = http.get("/metrics", follow_redirects=True).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_a_text_beyond_the_window_is_cut_and_counted(client: openai.OpenAI, http: httpx.Client) -> None:
    before = _metric(http, "rag_embedder_truncated_total")
    start = "word " * 254
    whole, cut = vectors(client, [start + "and then something else entirely", start])
    assert whole @ cut >= 0.9999
    assert _metric(http, "rag_embedder_truncated_total") == before + 1


def test_2048_texts_in_one_request_are_answered(client: openai.OpenAI) -> None:
    assert vectors(client, ["x"] * 2_048).shape == (2_048, 384)


WRONG_BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "no text": ({"input": []}, "input"),
    "an empty text": ({"input": ["a", ""]}, "input.1"),
    "too many texts": ({"input": ["x"] * 2_049}, "input"),
    "a text of 100,001 characters": ({"input": "a" * 100_001}, "input.0"),
    "token ids": ({"input": [1, 2, 3]}, "input"),
    "lists of token ids": ({"input": [[1, 2], [3]]}, "input"),
    "a number among texts": ({"input": ["a", 1]}, "input.1"),
    "nothing": ({"input": None}, "input"),
    "other dimensions": ({"input": "a", "dimensions": 128}, "dimensions"),
    "another encoding": ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
    "an unknown field": ({"input": "a", "truncate": True}, "truncate"),
    "NUL": ({"input": "a\x00b"}, ""),
}


@pytest.mark.parametrize(("body", "param"), WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_a_wrong_body_is_refused_by_name(http: httpx.Client, body: dict[str, Any], param: str) -> None:
    refused = http.post("/v1/embeddings", json={"model": MODEL} | body)
    assert refused.status_code == 422, refused.text
    assert (refused.json()["error"]["param"] or "") == param


def test_token_ids_are_refused_with_words_that_help(http: httpx.Client) -> None:
    refused = http.post("/v1/embeddings", json={"model": MODEL, "input": [1, 2]})
    assert "check_embedding_ctx_length=False" in refused.json()["error"]["message"]


@pytest.mark.parametrize("content", [b'"\xff"', b'{"model": "all-MiniLM-L6-v2", "input": "\\ud800"}'])
def test_text_that_is_not_unicode_is_refused(http: httpx.Client, content: bytes) -> None:
    refused = http.post("/v1/embeddings", content=content, headers={"content-type": "application/json"})
    assert refused.status_code == 422


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refusal:
        client.embeddings.create(model="text-embedding-3-small", input="a")
    assert refusal.value.code == "model_not_found"


def test_while_the_model_loads_the_embedder_is_alive_and_unready(embedder: RunningEmbedder) -> None:
    assert embedder.first_readiness.status_code == 503
    assert "loading model" in embedder.first_readiness.json()["parts"]["model"]["reason"]


def test_a_deadline_that_has_passed_is_refused_at_once(http: httpx.Client) -> None:
    headers = {"x-request-deadline": str(int(time.time() * 1000) - 1)}
    late = http.post("/v1/embeddings", json={"model": MODEL, "input": "a"}, headers=headers)
    assert late.status_code == 504


def _fill_bulk_lane(embedder: RunningEmbedder) -> HTTPConnection:
    """A request with as many long texts as may wait, sent and not yet read."""
    connection = HTTPConnection(urlsplit(embedder.url).netloc)
    body = json.dumps({"model": MODEL, "input": [LONG] * QUEUE_TEXTS})
    connection.request("POST", "/v1/embeddings", body, {"content-type": "application/json"})
    return connection


def _wait_for_bulk(http: httpx.Client, texts: int) -> None:
    give_up = time.monotonic() + 10
    while _metric(http, 'rag_embedder_waiting{lane="bulk"') != texts:
        assert time.monotonic() < give_up, f"there were never {texts} texts in the bulk lane"
        time.sleep(0.02)


def test_beside_a_full_bulk_lane_a_question_is_answered_and_more_bulk_is_refused(
    embedder: RunningEmbedder, client: openai.OpenAI, http: httpx.Client
) -> None:
    with closing(_fill_bulk_lane(embedder)):
        _wait_for_bulk(http, QUEUE_TEXTS)
        with pytest.raises(openai.RateLimitError) as refusal:
            vectors(client, ["a", "b"])
        assert (refusal.value.code, refusal.value.response.headers["retry-after"]) == ("queue_full", "1")
        started = time.perf_counter()
        vectors(client, "What is a chunk?")
        assert time.perf_counter() - started < 5  # the bulk itself takes more than half a minute
    _wait_for_bulk(http, 0)  # the client hung up: nothing of its own waits any more
    assert len(vectors(client, ["a", "b"])) == 2


def test_without_the_device_that_was_asked_for_it_ends_and_says_why() -> None:
    environment = os.environ | {
        "EMBEDDER_DEVICE": "cuda",
        "CUDA_VISIBLE_DEVICES": "",
        "PORT": str(free_port()),
    }
    ended = subprocess.run(
        [HEAVY_PYTHON, "-m", "rag_embedder"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("embedder: the model cannot be loaded: EMBEDDER_DEVICE")
