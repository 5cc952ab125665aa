"""Streams on real HTTP; the model is the knobbed fake, so that its faults can be scripted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import BOOTSTRAP_KEY
from tests.gateway.conftest import RunningGateway
from tests.gateway.test_bad_input import refused
from tests.served import free_port, served

pytestmark = pytest.mark.usefixtures("handbook")
CHAT = "/v1/chat/completions"
SLOW = {
    "words": " ".join(f"Ada Quarrie built lighthouse {n} of Port Ellery." for n in range(60)),
    "tokens_per_s": 20.0,
}


def body(mode: str, **rag: Any) -> dict[str, Any]:
    """A question to stream."""
    messages = [{"role": "user", "content": "Who built the lighthouse of Port Ellery?"}]
    return {"messages": messages, "stream": True, "rag": {"answer_mode": mode, **rag}}


def events(reply: httpx.Response) -> Iterator[Any]:
    """Each `data:` line as JSON, `[DONE]` as it is."""
    for line in reply.iter_lines():
        if line.startswith("data: "):
            data = line.removeprefix("data: ")
            yield data if data == "[DONE]" else json.loads(data)


def streamed(http: httpx.Client, sent: dict[str, Any]) -> list[Any]:
    """All events of one stream."""
    with http.stream("POST", CHAT, json=sent) as reply:
        assert reply.status_code == 200, reply.read()
        return list(events(reply))


def eventually(holds: Any, within_s: float = 1.0) -> bool:
    """Whether it holds within the time."""
    until = time.monotonic() + within_s
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(holds())


@pytest.mark.parametrize("mode", ["write", "quote", "both"])
def test_sources_come_first_and_what_is_streamed_is_what_is_kept(http: httpx.Client, mode: str) -> None:
    *chunks, done = streamed(http, body(mode))
    assert done == "[DONE]"
    assert all(len(chunk["choices"]) == 1 for chunk in chunks)
    first, last = chunks[0], chunks[-1]
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert {
        "answer_id",
        "trace_id",
        "answer_mode",
        "model",
        "prompt_version",
        "index_version",
        "sources",
        "degraded",
    } == set(first["rag"])
    assert first["rag"]["sources"]
    assert {"grounded", "citations", "dropped", "timings_ms", "degraded"} <= set(last["rag"])
    assert sum("usage" in chunk for chunk in chunks) == 1
    assert [c["choices"][0]["finish_reason"] for c in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert http.get(f"/v1/answers/{first['rag']['answer_id']}").json()["answer"] == text
    for citation in last["rag"]["citations"]:
        assert text[citation["start"] : citation["end"]] == f"[{citation['n']}]"


def test_a_marker_is_held_back_until_it_is_verified(http: httpx.Client, gateway: RunningGateway) -> None:
    gateway.model.turn(words="The engineer Ada Quarrie built the lighthouse [1] and it is pink [9] today.")
    deltas = [c["choices"][0]["delta"].get("content", "") for c in streamed(http, body("write"))[:-1]]
    assert not any(delta.rstrip().endswith("[") or "[9" in delta for delta in deltas)
    assert "".join(deltas) == "The engineer Ada Quarrie built the lighthouse [1] and it is pink today."


@pytest.mark.parametrize("mode", ["write", "both"])
@pytest.mark.parametrize("status", [500, 503])
def test_a_model_that_refuses_is_an_ordinary_error(
    http: httpx.Client, gateway: RunningGateway, mode: str, status: int
) -> None:
    gateway.model.turn(status=status)
    reply = http.post(CHAT, json=body(mode))
    assert reply.headers["content-type"] == "application/json"
    refused(reply, 503, "llm_unavailable")
    assert reply.headers["retry-after"]


def test_a_model_that_breaks_off_ends_the_stream_with_an_error_and_no_done(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(break_after=5)
    *chunks, last = streamed(http, body("write"))
    assert last["error"]["code"] in ("llm_broke_off", "llm_unavailable")
    assert last["request_id"] == chunks[0]["rag"]["trace_id"]


def test_quotations_stand_when_the_model_breaks_off_and_the_caller_allows_it(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(break_after=2)
    gateway.model.turn(words="Ada Quarrie was the engineer who built the lighthouse. It " * 3, break_after=14)
    *chunks, last, done = streamed(http, body("both", allow_degraded=True))
    assert done == "[DONE]"
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text.count("[1]") == len(last["rag"]["citations"])
    assert last["rag"]["degraded"] == ["no_llm"] and last["rag"]["grounded"]


def test_a_client_that_hangs_up_stops_the_model(http: httpx.Client, gateway: RunningGateway) -> None:
    gateway.model.turn(**SLOW)
    for _ in range(5):
        with http.stream("POST", CHAT, json=body("write")) as reply:
            for event in events(reply):
                if event["choices"][0]["delta"].get("content"):
                    assert gateway.model.running == 1
                    break
        assert eventually(lambda: gateway.model.running == 0)


def test_a_client_that_does_not_stream_and_leaves_stops_the_model(
    http: httpx.Client, gateway: RunningGateway
) -> None:
    gateway.model.turn(**SLOW)
    with pytest.raises(httpx.ReadTimeout):
        http.post(CHAT, json=body("write") | {"stream": False}, timeout=0.7)
    assert eventually(lambda: gateway.model.running == 0)


@pytest.fixture
def cut_off(gateway: RunningGateway) -> Iterator[str]:
    """A gateway whose model, embedder and feedback service are away."""
    away = dict.fromkeys(("EMBEDDER_URL", "FEEDBACK_URL", "LLM_URL"), "http://127.0.0.1:9")
    environment = (
        gateway.environment | away | {"OPERATIONS_PORT": str(free_port()), "LLM_MODEL": "fake-model"}
    )
    with served(sys.executable, "rag_gateway", environment) as url:
        yield url


def test_without_embedder_and_model_it_says_so_or_degrades(cut_off: str) -> None:
    headers = {"authorization": f"Bearer {BOOTSTRAP_KEY}"}
    with httpx.Client(base_url=cut_off, headers=headers, timeout=20) as http:
        state = http.get("/readyz").json()
        assert state["status"] == "degraded"
        assert [name for name, part in state["parts"].items() if not part["ok"]] == [
            "embedder",
            "llm",
            "feedback",
        ]
        refused(http.post(CHAT, json=body("quote")), 503, "embedder_unavailable")
        lexical = body("write")
        lexical["rag"]["mode"] = "lexical"
        refused(http.post("/v1/search", json={"query": "lighthouse"}), 503, "embedder_unavailable")
        for mode in ("both", "quote", "write"):
            *_, last, done = streamed(http, body(mode, allow_degraded=True))
            expected = {"quote": ["no_embedder"]}.get(mode, ["no_embedder", "no_llm"])
            assert (last["rag"]["degraded"], done) == (expected, "[DONE]")
            assert last["rag"]["grounded"] == (mode != "write")


def test_sigterm_lets_streams_go_on_until_the_drain_limit_and_exits_0(gateway: RunningGateway) -> None:
    gateway.model.turn(**SLOW)
    port = free_port()
    environment = {"PORT": str(port), "OPERATIONS_PORT": str(free_port()), "DRAIN_S": "2"}
    process = subprocess.Popen(
        [sys.executable, "-m", "rag_gateway"], env=os.environ | gateway.environment | environment
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
        http.headers["authorization"] = f"Bearer {BOOTSTRAP_KEY}"
        assert eventually(lambda: _answers(http), 30)
        with http.stream("POST", CHAT, json=body("write")) as reply:
            stream = events(reply)
            assert next(stream)["rag"]["sources"]
            process.send_signal(signal.SIGTERM)
            started, rest = time.monotonic(), list(stream)
        assert rest[-1]["error"]["code"] == "draining"
        assert 1.5 < time.monotonic() - started < 6
    gateway.model.turn(words="", tokens_per_s=0)
    assert process.wait(15) == 0


@pytest.mark.parametrize("stream", [True, False])
def test_a_request_that_waits_for_the_model_is_refused_at_the_drain_limit(
    gateway: RunningGateway, stream: bool
) -> None:
    gateway.model.turn(hang=True)
    port = free_port()
    environment = {"PORT": str(port), "OPERATIONS_PORT": str(free_port()), "DRAIN_S": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "rag_gateway"], env=os.environ | gateway.environment | environment
    )
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http,
        ThreadPoolExecutor() as thread,
    ):
        http.headers["authorization"] = f"Bearer {BOOTSTRAP_KEY}"
        assert eventually(lambda: _answers(http), 30)
        waiting = thread.submit(http.post, CHAT, json=body("write") | {"stream": stream})
        assert eventually(lambda: gateway.model.running == 1, 10)
        process.send_signal(signal.SIGTERM)
        refused(waiting.result(), 503, "draining")
    gateway.model.turn(hang=False)
    assert process.wait(15) == 0


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
