"""What must be refused, with words that say what to do; nothing is stored and no model is asked."""

import json
from typing import Any

import httpx
import pytest

from tests.conftest import WEBAPP_KEY
from tests.gateway.conftest import RunningGateway

pytestmark = pytest.mark.usefixtures("handbook")
QUESTION = [{"role": "user", "content": "Who built the lighthouse?"}]
CHAT = "/v1/chat/completions"


def refused(reply: httpx.Response, status: int, code: str) -> None:
    """The one error shape, with our request id."""
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert set(body) == {"error", "request_id"}
    assert set(body["error"]) == {"message", "type", "code", "param"}
    assert body["error"]["code"] == code, body
    assert body["error"]["message"]
    assert body["request_id"] == reply.headers["x-request-id"]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer nonsense", "Basic eDp5", f"Bearer gw_ffffffff_{'x' * 43}"]
)
def test_no_or_a_wrong_key_is_the_same_401(http: httpx.Client, authorization: str) -> None:
    reply = http.post(CHAT, json={"messages": QUESTION}, headers={"authorization": authorization})
    refused(reply, 401, "invalid_api_key")
    assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"messages": [{"role": "user", "content": "  "}]}, 422, "invalid_request"),
        ({"messages": [{"role": "user", "content": "x" * 8001}]}, 422, "invalid_request"),
        ({"messages": [{"role": "user", "content": "a\x00b"}]}, 422, "invalid_request"),
        ({"messages": [{"role": "assistant", "content": "hm"}]}, 422, "invalid_request"),
        ({"messages": []}, 422, "invalid_request"),
        ({"tools": [{"type": "function"}]}, 422, "unsupported_parameter"),
        ({"n": 2}, 422, "unsupported_parameter"),
        ({"response_format": {"type": "json_object"}}, 422, "unsupported_parameter"),
        ({"logit_bias": {"1": 5}}, 422, "unsupported_parameter"),
        ({"temperature": 3}, 422, "invalid_request"),
        ({"max_tokens": 5000}, 422, "invalid_request"),
        ({"stop": ["a", "b", "c", "d", "e"]}, 422, "invalid_request"),
        ({"model": "gpt-9"}, 404, "model_not_found"),
        ({"rag": {"collections": ["nowhere"]}}, 404, "collection_not_found"),
        ({"rag": {"top_k": 0}}, 422, "invalid_request"),
        ({"rag": {"top_k": "5"}}, 422, "invalid_request"),
        ({"rag": {"rerank": True}}, 422, "no_reranker"),
        ({"rag": {"filter": {"lang": {"is": "en"}}}}, 422, "invalid_request"),
        ({"rag": {"conversation_id": "c"}}, 422, "not_available_yet"),
        ({"rag": {"enabled": False, "answer_mode": "quote"}}, 422, "invalid_request"),
    ],
)
def test_a_chat_that_cannot_be_answered_says_why(
    http: httpx.Client, gateway: RunningGateway, change: dict[str, Any], status: int, code: str
) -> None:
    before = len(gateway.model.bodies)
    refused(http.post(CHAT, json={"messages": QUESTION} | change), status, code)
    assert len(gateway.model.bodies) == before


@pytest.mark.parametrize("body", [b"{", b'{"messages": []}'])
def test_without_a_key_nothing_of_the_body_is_judged(http: httpx.Client, body: bytes) -> None:
    headers = {"content-type": "application/json", "authorization": ""}
    refused(http.post(CHAT, content=body, headers=headers), 401, "invalid_api_key")


def test_what_openais_clients_send_unasked_is_understood(http: httpx.Client) -> None:
    nothing = dict.fromkeys(("refusal", "annotations", "audio", "function_call", "tool_calls"))
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"} | nothing,
        *QUESTION,
    ]
    asked = {"messages": turns, "stream": None, "tool_choice": "none", "rag": None}
    assert http.post(CHAT, json=asked).status_code == 200


def test_a_long_history_is_trimmed_and_a_prompt_that_the_model_refuses_is_422(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    turns = [{"role": "user", "content": "word " * 700}, {"role": "assistant", "content": "word " * 700}]
    asked = {"messages": [*turns, *QUESTION], "rag": {"answer_mode": "write"}}
    assert http.post(CHAT, json=asked).json()["rag"]["degraded"] == ["history_trimmed"]
    gateway.model.turn(status=400)
    refused(http.post(CHAT, json=asked), 422, "prompt_too_long")


def test_an_idempotency_key_is_not_available_yet(http: httpx.Client) -> None:
    refused(
        http.post(CHAT, json={"messages": QUESTION}, headers={"idempotency-key": "k"}),
        422,
        "not_available_yet",
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b'{"messages": "\xff"}', 422, "invalid_utf8"),
        (b"[" * 100_000, 400, "invalid_json"),
        (json.dumps({"messages": [{"role": "user", "content": "\ud800"}]}).encode(), 422, "invalid_request"),
        (b'{"messages": [{"role": "user", "content": "' + b"x" * 1_100_000 + b'"}]}', 413, "too_large"),
    ],
)
def test_a_broken_or_endless_body_is_refused(http: httpx.Client, body: bytes, status: int, code: str) -> None:
    reply = http.post(CHAT, content=body, headers={"content-type": "application/json"})
    refused(reply, status, code)


def test_a_key_without_the_scope_is_refused(http: httpx.Client) -> None:
    refused(http.get("/v1/me", headers={"x-groundwork-user": "eve"}), 403, "missing_scope")


def test_the_web_apps_key_speaks_for_its_user_and_never_for_itself(http: httpx.Client) -> None:
    alone = http.get("/v1/me", headers={"authorization": f"Bearer {WEBAPP_KEY}"})
    refused(alone, 422, "invalid_request")
    headers = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
    me = http.get("/v1/me", headers=headers).json()
    assert me["subject"] == "user:eve"
    assert "admin" not in me["scopes"]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/v1/nothing", "/v1/jobs/not-a-uuid/x"])
def test_what_is_not_there_is_404(http: httpx.Client, path: str) -> None:
    refused(http.get(path), 404, "not_found")


def test_metrics_are_not_on_the_public_port(http: httpx.Client) -> None:
    assert http.get("/metrics").status_code == 404


@pytest.mark.parametrize("kind", ["documents", "answers", "jobs"])
def test_an_absent_id_is_404(http: httpx.Client, kind: str) -> None:
    refused(http.get(f"/v1/{kind}/00000000-0000-0000-0000-000000000000"), 404, "not_found")
    assert http.get(f"/v1/{kind}/17").status_code == 422


def test_feedback_on_an_answer_that_is_not_the_callers_is_404(http: httpx.Client) -> None:
    asked = {"messages": QUESTION, "rag": {"answer_mode": "quote"}}
    answer_id = http.post(CHAT, json=asked).json()["rag"]["answer_id"]
    eve = {"authorization": f"Bearer {WEBAPP_KEY}", "x-groundwork-user": "eve"}
    refused(
        http.post("/v1/feedback", json={"answer_id": answer_id, "rating": "up"}, headers=eve),
        404,
        "not_found",
    )
    refused(http.get(f"/v1/answers/{answer_id}", headers=eve), 404, "not_found")


def test_a_cursor_of_another_list_is_refused(http: httpx.Client) -> None:
    http.post("/v1/collections", json={"name": "another"})
    cursor = http.get("/v1/collections", params={"limit": 1}).json()["next_cursor"]
    assert http.get("/v1/collections", params={"limit": 1, "cursor": cursor}).status_code == 200
    path = "/v1/collections/handbook/documents"
    refused(http.get(path, params={"cursor": cursor}), 400, "bad_cursor")
    refused(http.get("/v1/collections", params={"cursor": f"x{cursor}"}), 400, "bad_cursor")
