"""What only the real vLLM can prove."""

import asyncio
import re
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx
import openai
import pytest

from tests.conftest import RunningStack

ESSAY = "Tell me in many words everything about all parts, tables, sentences and units."
HANG_UPS = 10
SMALL_PROMPT = 400


def running(stack: RunningStack) -> float:
    """How many requests vLLM works on."""
    text = httpx.get(f"{stack.url(8000)}/metrics").text
    found = re.search(r"^vllm:num_requests_running\{[^}]*\} ([\d.]+)", text, re.MULTILINE)
    assert found
    return float(found[1])


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_hangs_up_frees_the_model_within_a_second(
    stack: RunningStack, stream: bool
) -> None:
    body: dict[str, Any] = {
        "messages": [{"role": "user", "content": ESSAY}],
        "stream": stream,
        "max_tokens": 1000,
        "rag": {"answer_mode": "write", "abstain": False},
    }
    headers = {"authorization": f"Bearer {stack.api_key}"}
    for _ in range(HANG_UPS):
        async with httpx.AsyncClient(base_url=stack.gateway_url, headers=headers, timeout=60) as http:
            asking = asyncio.create_task(http.post("/v1/chat/completions", json=body))
            assert await within(15, lambda: running(stack) > 0)
            assert not asking.done()
            asking.cancel()
        assert await within(1, lambda: running(stack) == 0)


async def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it holds before the time is over."""
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:  # noqa: ASYNC110 - the state is another process's
        await asyncio.sleep(0.02)
    return held


def test_the_unmodified_openai_client_streams_a_real_answer(stack: RunningStack) -> None:
    with openai.OpenAI(base_url=f"{stack.gateway_url}/v1", api_key=stack.api_key) as client:
        model = client.models.list().data[0].id
        stream = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "How do I start it?"}],
            stream=True,
            temperature=0,
            max_tokens=64,
            extra_body={"rag": {"answer_mode": "write"}},
        )
        chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert len(text) > 20
    assert len(chunks) > 5, "it came in one piece"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


def test_a_prompt_stays_small_though_the_model_needs_a_token_for_nearly_every_character(
    stack: RunningStack,
) -> None:
    lines = [f"The port {n:04d} has the key {sha256(str(n).encode()).hexdigest()}." for n in range(40)]
    headers = {"authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=stack.gateway_url, headers=headers, timeout=60) as http:
        http.post("/v1/collections", json={"name": "dense"}).raise_for_status()
        text = {"title": "Keys", "text": " ".join(lines)}
        job = http.post("/v1/collections/dense/documents", json=text).json()["job_id"]
        until = time.monotonic() + 60
        while http.get(f"/v1/jobs/{job}").json()["status"] != "succeeded":
            assert time.monotonic() < until
            time.sleep(0.1)
        before = [{"role": role, "content": "What " * 60} for role in ("user", "assistant") * 3]
        asked = {"role": "user", "content": "Which key has the port 0007?"}
        for mode, messages in (("write", [asked]), ("write", [*before, asked]), ("both", [*before, asked])):
            rag = {"answer_mode": mode, "collections": ["dense"], "abstain": False}
            body = {"messages": messages, "max_tokens": 8, "rag": rag}
            usage = http.post("/v1/chat/completions", json=body).json()["usage"]
            assert 120 < usage["prompt_tokens"] <= SMALL_PROMPT, (mode, usage)


async def test_long_prompts_at_once_with_a_seed_do_not_end_vllm(stack: RunningStack) -> None:
    headers = {"authorization": f"Bearer {stack.api_key}"}
    async with httpx.AsyncClient(base_url=stack.gateway_url, headers=headers, timeout=120) as http:
        long = [" ".join(f"w{n}x{word}" for word in range(250)) for n in range(4)]
        bodies = [
            {
                "messages": [{"role": "user", "content": text}],
                "max_tokens": 4,
                "temperature": 0.7,
                "seed": 7,
                "rag": {"enabled": False},
            }
            for text in long
        ]
        replies = await asyncio.gather(*[http.post("/v1/chat/completions", json=body) for body in bodies])
    assert [reply.status_code for reply in replies] == [200] * 4
    assert min(reply.json()["usage"]["prompt_tokens"] for reply in replies) > 1000


def test_auto_means_quote_for_the_packaged_model_and_the_first_question_works(stack: RunningStack) -> None:
    headers = {"authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=stack.gateway_url, headers=headers, timeout=60) as http:
        assert http.get("/v1/models").json()["data"][0]["rag"] == {"answer_mode": "quote"}
        body = {"messages": [{"role": "user", "content": "How do I start it?"}]}
        reply = http.post("/v1/chat/completions", json=body).json()
    assert reply["rag"]["answer_mode"] == "quote"
    assert "make run" in reply["choices"][0]["message"]["content"]
    assert reply["rag"]["citations"]
